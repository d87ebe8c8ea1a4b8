import { existsSync } from "node:fs";
import { join, posix } from "node:path";
import { type Document, findAll, type Problem } from "./document.ts";

const inlineLink = /\]\((?<target>[^()\s]+)(?:\s+"[^"]*")?\)/g;
const linkDefinition = /^\[[^\]]+\]:\s+(?<target>\S+)/gm;
const section = /(?<page>[A-Z_]+\.md) §(?<number>\d+(?:\.\d+)*[a-z]?)/g;

/** Every relative link leads to a file that exists, and its #fragment to a heading of that page. */
export function checkLinks(root: string, documents: Document[]): Problem[] {
  const headings = new Map(documents.map(({ path, prose }) => [path, anchorsOf(prose)]));
  return documents.flatMap(({ path, prose }) => {
    const text = prose.replace(/`[^`\n]*`/g, (code) => " ".repeat(code.length));
    return [...findAll(text, inlineLink), ...findAll(text, linkDefinition)].flatMap(({ line, match }) => {
      const message = judge(root, headings, path, match.groups?.["target"] ?? "");
      return message ? [{ path, line, message }] : [];
    });
  });
}

/** Every "PROTOCOL.md §3" in `files` (path → text) cites a section that the page has. */
export function checkCitations(documents: Document[], files: Map<string, string>): Problem[] {
  const numbers = new Map(documents.map(({ path, prose }) => [path, new Set(findAll(prose, /^#+ §?(\d+(?:\.\d+)*[a-z]?)\b/gm).map(({ match }) => match[1]))]));
  return [...files].flatMap(([path, text]) =>
    findAll(text, section)
      .filter(({ match }) => !numbers.get(match.groups?.["page"] ?? "")?.has(match.groups?.["number"]))
      .map(({ line, match }) => ({ path, line, message: `cites ${match[0]}, which does not exist` })),
  );
}

function judge(root: string, headings: Map<string, Set<string>>, from: string, target: string): string | undefined {
  if (/^[a-z][a-z+.-]*:/i.test(target)) return undefined;
  const [file = "", fragment] = target.split("#");
  const path = file === "" ? from : posix.normalize(posix.join(posix.dirname(from), decodeURI(file)));
  const anchors = headings.get(path);
  if (!anchors && (path.startsWith("../") || !existsSync(join(root, path)))) return `leads nowhere: ${target}`;
  if (fragment && anchors && !anchors.has(fragment)) return `${path} has no heading #${fragment}`;
  return undefined;
}

/** The fragments that a page's headings get where people read it. */
function anchorsOf(prose: string): Set<string> {
  const anchors = new Set<string>();
  for (const { match } of findAll(prose, /^#{1,6} +(.+?) *#*$/gm)) {
    const slug = (match[1] ?? "")
      .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-");
    let anchor = slug;
    for (let count = 1; anchors.has(anchor); count += 1) anchor = `${slug}-${count}`;
    anchors.add(anchor);
  }
  return anchors;
}
