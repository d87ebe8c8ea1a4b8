import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CommandFailed, root, runTool } from "./run.ts";

/** Writes the generated code (the SDK's typed documents and the database client), or with --check only says whether it is up to date. */
if (process.argv.includes("--check")) checkGenerated();
else generate();

function generate(): void {
  runTool("prisma", ["generate"]);
  runTool("@graphql-codegen/cli", ["--config", "codegen.yml"], "graphql-codegen");
  console.log("generated: the database client and the SDK's documents");
}

function checkGenerated(): void {
  try {
    runTool("@graphql-codegen/cli", ["--config", "codegen.yml", "--check"], "graphql-codegen");
    checkDatabaseClient();
    console.log("generated code is up to date");
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    console.error("generated code is not up to date: run `npm run generate`");
    process.exitCode = error instanceof CommandFailed ? error.exitCode : 1;
  }
}

/** Prisma cannot compare, so it generates once more beside a copy of the schema, where the schema's relative output path leads into that copy. */
function checkDatabaseClient(): void {
  const output = join("src", "storage", "generated");
  const copy = mkdtempSync(join(tmpdir(), "peerbrain-generated-"));
  try {
    cpSync(join(root, "prisma", "schema.prisma"), join(copy, "prisma", "schema.prisma"), { recursive: true });
    runTool("prisma", ["generate", "--schema", join(copy, "prisma", "schema.prisma")]);
    const stale = differences(join(root, output), join(copy, output));
    if (stale.length > 0) throw new Error(`stale below ${output}: ${stale.join(", ")}`);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

function differences(present: string, expected: string): string[] {
  const [presentFiles, expectedFiles] = [listFiles(present), listFiles(expected)];
  const all = [...new Set([...presentFiles.keys(), ...expectedFiles.keys()])];
  return all.filter((path) => presentFiles.get(path) !== expectedFiles.get(path));
}

function listFiles(folder: string): Map<string, string> {
  if (!existsSync(folder)) return new Map();
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".ts"));
  return new Map(paths.map((path) => [path, readFileSync(join(folder, path), "utf8")]));
}
