import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isCurrent, root, rules } from "./rules/all-rules.ts";
import type { Rule } from "./rules/rule.ts";
import { listFiles, readVectors } from "./vector.ts";

/**
 * Takes one rule after the other out of a copy of the sources and shows which test notices: the vectors, or else test/crypto.
 * With an argument, only the rules whose names contain it.
 */
const RUN = 'import { ready } from "./src/crypto/index.ts"; import { listFailures } from "./test/vectors/list-failures.ts"; await ready(); process.stdout.write(JSON.stringify(listFailures()));';

type Proof = { by: "vectors"; failures: string[] } | { by: "test/crypto" } | { by: "nothing"; because: string };

const chosen = rules.filter(({ name }) => name.includes(process.argv[2] ?? ""));
const valid = new Set(listFiles().flatMap(readVectors).filter(({ expect }) => expect === "ok").map(({ id }) => id));
const copy = makeCopy();
try {
  demandUntouched();
  const unproven = chosen.filter((rule) => !prove(rule)).length;
  process.stdout.write(`${chosen.length - unproven} of ${chosen.length} rules have a test that fails without them\n`);
  process.exitCode = unproven > 0 ? 1 : 0;
} finally {
  rmSync(copy, { recursive: true, force: true });
}

function makeCopy(): string {
  const folder = mkdtempSync(join(tmpdir(), "peerbrain-rules-"));
  for (const path of ["src/protocol", "src/crypto", "test/vectors", "test/crypto", "package.json", "tsconfig.json", "tsconfig.pure.json", "types"]) {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    cpSync(join(root, path), join(folder, path), { recursive: true });
  }
  writeFileSync(join(folder, "vitest.config.ts"), "export default { test: { bail: 1, maxWorkers: 1, testTimeout: 60_000 } };\n");
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"), "junction");
  return folder;
}

/** Without any edit nothing may fail, or every rule would seem proven. */
function demandUntouched(): void {
  const failures = failingVectors();
  if (failures === undefined || failures.length > 0) throw new Error(`vectors fail before anything is changed: ${failures?.join(", ") ?? "they do not run"}`);
  if (failsInCrypto()) throw new Error("test/crypto fails before anything is changed");
}

function prove(rule: Rule): boolean {
  if (!isCurrent(rule, copy)) {
    process.stdout.write(`STALE    ${rule.name}: its line does not occur exactly once in src/${rule.file}\n`);
    return false;
  }
  const path = join(copy, "src", rule.file);
  const source = readFileSync(path, "utf8");
  writeFileSync(path, rule.edits.reduce((text, { find, replace }) => text.replace(find, () => replace), source));
  const proof = findProof(rule);
  writeFileSync(path, source);
  process.stdout.write(`${describe(rule, proof)}\n`);
  return proof.by !== "nothing";
}

function findProof({ computes }: Rule): Proof {
  const failures = failingVectors();
  // Taking a check away makes nothing valid invalid: an edit that does breaks the code and proves nothing.
  if (failures === undefined || (!computes && failures.some((id) => valid.has(id)))) return { by: "nothing", because: "the edit breaks the code" };
  if (failures.length > 0) return { by: "vectors", failures };
  return failsInCrypto() ? { by: "test/crypto" } : { by: "nothing", because: "no test fails" };
}

function describe({ name }: Rule, proof: Proof): string {
  if (proof.by === "nothing") return `UNPROVEN ${name}: ${proof.because}`;
  if (proof.by === "test/crypto") return `proven   ${name}: test/crypto`;
  return `proven   ${name}: ${proof.failures.length} vectors, ${proof.failures[0]}`;
}

/** Undefined if they could not be run at all. */
function failingVectors(): string[] | undefined {
  const { status, stdout } = spawnSync(process.execPath, ["--import", "tsx", "--input-type=module", "--eval", RUN], { cwd: copy, encoding: "utf8" });
  return status === 0 ? (JSON.parse(stdout) as string[]) : undefined;
}

function failsInCrypto(): boolean {
  const { status } = spawnSync(process.execPath, [join("node_modules", "vitest", "vitest.mjs"), "run", "test/crypto"], { cwd: copy, stdio: "ignore" });
  return status !== 0;
}
