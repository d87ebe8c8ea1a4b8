import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { encodeBase64url, parseBase64url, parseCheckpoint, type Checkpoint } from "../src/protocol/index.ts";
import { auditKeyLog, type Audit } from "./keylog-audit/audit.ts";
import { AuditImpossible, RelayLog } from "./keylog-audit/relay-log.ts";

const HELP = `Replays the public log of identity cards of a relay, and says whether it is what the relay signed.

  npm run keylog:audit -- URL [--state FILE]

URL           where the relay is, such as https://relay.example or http://127.0.0.1:4600
--state FILE  where the checkpoint of the last run is kept, so that a log that was changed since is noticed;
              one file for each relay below ~/.local/state/peerbrain by default
--help        this text

It checks that the checkpoint is signed, that all leaves lead to its root, that the log of the last run is its beginning,
that the relay proves so itself, and that no name, user or card stands twice for different things.

It ends with 0 when all of this holds, with 1 when the relay contradicts itself, and with 2 when nothing can be said.
A relay that signed two logs is convicted: the proof is written beside the state, and the state stays as it was.
`;

process.exitCode = await main();

async function main(): Promise<number> {
  try {
    const { values, positionals } = parseArgs({ allowPositionals: true, options: { state: { type: "string" }, help: { type: "boolean", default: false } } });
    if (values.help) return say(HELP, 0);
    const [url, ...others] = positionals;
    if (url === undefined || others.length > 0) return say(HELP, 2);
    const statePath = resolve(values.state ?? defaultStatePath(url));
    return report(url, statePath, await auditKeyLog(new RelayLog(url), readState(statePath)));
  } catch (error) {
    const isUsage = error instanceof TypeError;
    if (!isUsage && !(error instanceof AuditImpossible)) throw error;
    return say(`nothing can be said: ${error.message}\n`, 2);
  }
}

function report(url: string, statePath: string, { checkpoint, findings, splitProof }: Audit): number {
  if (splitProof) {
    const proofPath = `${statePath}.proof`;
    writeFileSync(proofPath, splitProof);
    findings.push(`the proof that convicts the relay before anybody is in ${proofPath}`);
  }
  if (findings.length > 0) return say(`key log of ${url}: NOT CONSISTENT\n${findings.map((finding) => `  - ${finding}\n`).join("")}`, 1);
  if (!checkpoint) return say(`key log of ${url}: empty\n`, 0);
  writeState(statePath, checkpoint);
  const { size, root, relayMs } = checkpoint;
  return say(`key log of ${url}: consistent\n  ${size} leaves, root ${encodeBase64url(root)}, signed ${new Date(relayMs).toISOString()}\n`, 0);
}

function say(text: string, exitCode: number): number {
  (exitCode === 0 ? process.stdout : process.stderr).write(text);
  return exitCode;
}

function defaultStatePath(url: string): string {
  const name = url.replace(/^https?:\/\//, "").replaceAll(/[^\w.-]+/g, "_");
  return join(homedir(), ".local/state/peerbrain", `keylog-${name}.checkpoint`);
}

function readState(path: string): Checkpoint | undefined {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new AuditImpossible(`${path} cannot be read.`, { cause: error });
  }
  try {
    return parseCheckpoint(parseBase64url(text.trim()));
  } catch (cause) {
    throw new AuditImpossible(`${path} holds no checkpoint. Name another file, or remove it to begin anew.`, { cause });
  }
}

/** Whole or not at all: a run that is stopped leaves the checkpoint of the one before. */
function writeState(path: string, { bytes }: Checkpoint): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, `${encodeBase64url(bytes)}\n`);
  renameSync(`${path}.new`, path);
}
