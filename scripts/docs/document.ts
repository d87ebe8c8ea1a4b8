import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A page of documentation, read as a reader would and as a machine can. */
export interface Document {
  /** From the root, with forward slashes. */
  path: string;
  /** The text with the content of fenced blocks blanked out; line numbers stay. */
  prose: string;
  snippets: Snippet[];
}

/** A fenced block. */
export interface Snippet {
  /** The first word behind the fence, in lower case; empty when there is none. */
  language: string;
  /** The line of the page that holds the first line of `text`, counted from 1. */
  line: number;
  text: string;
}

/** Something a page says that is not so. */
export interface Problem {
  path: string;
  line: number;
  message: string;
}

/** Every page of the project: the Markdown files in `root` and below docs/. */
export function readDocuments(root: string): Document[] {
  const top = readdirSync(root).filter((name) => name.endsWith(".md"));
  const folder = join(root, "docs");
  const below = existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: "utf8" }) : [];
  const paths = [...top, ...below.filter((name) => name.endsWith(".md")).map((name) => `docs/${name.replaceAll("\\", "/")}`)];
  return paths.map((path) => parseDocument(path, readFileSync(join(root, path), "utf8")));
}

export function parseDocument(path: string, text: string): Document {
  const prose: string[] = [];
  const snippets: Snippet[] = [];
  let open: { fence: string; language: string; line: number; lines: string[] } | undefined;

  for (const [index, line] of text.split("\n").entries()) {
    const [, fence, info = ""] = /^\s*(`{3,}|~{3,})(.*)$/.exec(line) ?? [];
    if (!open) {
      if (fence) open = { fence, language: info.trim().split(/\s/)[0]?.toLowerCase() ?? "", line: index + 2, lines: [] };
      prose.push(fence ? "" : line);
      continue;
    }
    prose.push("");
    if (fence?.startsWith(open.fence) && info.trim() === "") {
      snippets.push({ language: open.language, line: open.line, text: open.lines.join("\n") });
      open = undefined;
      continue;
    }
    open.lines.push(line);
  }
  return { path, prose: prose.join("\n"), snippets };
}

/** Every match of `pattern` (which is global) in `text`, with its line, counted from `firstLine`. */
export function findAll(text: string, pattern: RegExp, firstLine = 1): { line: number; match: RegExpExecArray }[] {
  return [...text.matchAll(pattern)].map((match) => ({ line: firstLine + text.slice(0, match.index).split("\n").length - 1, match }));
}
