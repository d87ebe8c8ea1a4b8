import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { checkGraphql } from "./docs/check-graphql.ts";
import { checkCitations, checkLinks } from "./docs/check-links.ts";
import { checkNames } from "./docs/check-names.ts";
import { checkTypescript } from "./docs/check-typescript.ts";
import { readDocuments } from "./docs/document.ts";
import { root } from "./run.ts";

/** Holds the pages to the code: snippets compile, operations validate, links and citations lead somewhere, names exist. */
const documents = readDocuments(root);
const sources = new Map(["src", "test", "demo", "bench", "scripts"].flatMap(readSources));
const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: Record<string, string> };

const problems = [
  ...checkTypescript(root, documents),
  ...checkGraphql(readFileSync(join(root, "schema.graphql"), "utf8"), documents),
  ...checkLinks(root, documents),
  ...checkNames({ root, npmScripts: Object.keys(scripts), sources }, documents),
  ...checkCitations(documents, new Map([...sources, ...documents.map(({ path, prose }) => [path, prose] as const)])),
];

for (const { path, line, message } of problems) console.error(`${path}:${line}: ${message}`);
const snippets = documents.flatMap((document) => document.snippets).filter(({ language }) => language !== "");
console.log(`docs: ${documents.length} pages and ${snippets.length} snippets, ${problems.length} problems`);
process.exitCode = problems.length > 0 ? 1 : 0;

function readSources(folder: string): [string, string][] {
  return readdirSync(root)
    .filter((name) => name === folder)
    .flatMap(() => readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }))
    .filter((name) => /\.(ts|tsx|graphql)$/.test(name) && !name.includes("generated"))
    .map((name) => [`${folder}/${name.replaceAll("\\", "/")}`, readFileSync(join(root, folder, name), "utf8")]);
}
