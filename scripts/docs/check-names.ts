import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Document, findAll, type Problem } from "./document.ts";

const variable = /\b(?:PEERBRAIN_[A-Z0-9_]*[A-Z0-9]|DATABASE_URL)\b/g;
const npmRun = /\bnpm run ([a-z][\w:-]*)/g;
const npmShorthand = /\bnpm (test|start)\b/g;
const path = /`((?:src|test|docs|scripts|prisma|demo|bench|types|\.ci)\/[\w./-]+)`/g;

/** What the pages may name: the house as it is. */
export interface Names {
  root: string;
  /** The scripts of package.json. */
  npmScripts: string[];
  /** Source files, path → text: a variable exists when one of them names it. */
  sources: Map<string, string>;
}

/** Every environment variable, npm script and path that a page names exists, and every variable that the relay reads is named on a page. */
export function checkNames({ root, npmScripts, sources }: Names, documents: Document[]): Problem[] {
  const known = new Set([...sources.values()].flatMap((text) => text.match(variable) ?? []));
  const problems = documents.flatMap((document) => {
    const texts = [{ line: 1, text: document.prose }, ...document.snippets];
    const find = (pattern: RegExp) => texts.flatMap(({ line, text }) => findAll(text, pattern, line));
    const unknown = (pattern: RegExp, message: string, exists: (name: string) => boolean): Problem[] =>
      find(pattern)
        .map(({ line, match }) => ({ line, name: match[1] ?? match[0] }))
        .filter(({ name }) => !exists(name))
        .map(({ line, name }) => ({ path: document.path, line, message: `${message}: ${name}` }));
    return [
      ...unknown(variable, "no code reads this variable", (name) => known.has(name)),
      ...unknown(npmRun, "package.json has no such script", (name) => npmScripts.includes(name)),
      ...unknown(npmShorthand, "package.json has no such script", (name) => npmScripts.includes(name)),
      ...unknown(path, "no such path", (name) => existsSync(join(root, name))),
    ];
  });

  const described = documents.map(({ prose, snippets }) => [prose, ...snippets.map(({ text }) => text)].join("\n")).join("\n");
  const undocumented = [...sources].flatMap(([path, text]) => {
    if (!path.startsWith("src/server/config/")) return [];
    const names = [...new Set(text.match(variable) ?? [])].filter((name) => !new RegExp(`\\b${name}\\b`).test(described));
    return names.map((name) => ({ path, line: 1, message: `no page describes this variable: ${name}` }));
  });
  return [...problems, ...undocumented];
}
