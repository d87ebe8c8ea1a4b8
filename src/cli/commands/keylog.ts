import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import type { KeyLogAudit } from "../../client/index.ts";
import { encodeBase64url, parseBase64url, parseCheckpoint, type Checkpoint } from "../../protocol/index.ts";
import { CommandError, UsageError } from "../command-error.ts";
import { defineCommand, JSON_OPTION } from "../command.ts";
import { ExitCode } from "../exit-code.ts";
import { printableLine } from "../printable.ts";

const audit = defineCommand<[relay: string | undefined], { state?: string; json?: boolean }>({
  name: "audit",
  summary: "Check the whole log of identity cards of a relay",
  details:
    "Replays the log, and says whether it is what the relay signed: that the checkpoint is signed, that all leaves lead to its root, that the log of the last run is its beginning, that the relay proves so itself, and that no name, user or card stands twice for different things. Nobody has to be signed in.\n\nA relay that signed two logs is convicted: the proof is written beside the state, and the state stays as it was.",
  arguments: [["[relay]", "whose log; --relay says the same"]],
  options: [["--state <file>", "where the checkpoint of the last run is kept; one file for each relay below ~/.local/state/peerbrain unless you say so"], JSON_OPTION],
  examples: [
    ["peerbrain keylog audit https://relay.example", "now and then, from more places than one"],
    ["peerbrain keylog audit http://127.0.0.1:4600 --json", "for programs"],
  ],
  async run({ terminal, options: { relay: everywhere } }, [named], { state, json }) {
    const relay = named ?? everywhere;
    if (relay === undefined) throw new UsageError("Say whose log: peerbrain keylog audit https://relay.example");
    const { auditKeyLog, AuditImpossible } = await import("../../client/index.ts");
    const path = resolve(state ?? defaultStatePath(relay));
    const found = await terminal.during("reading the log", auditKeyLog(relay, readState(path))).catch((error: unknown) => {
      if (!(error instanceof AuditImpossible)) throw error;
      throw new CommandError("AUDIT_IMPOSSIBLE", `Nothing can be said: ${error.message}`, { exitCode: ExitCode.UNREACHABLE, cause: error });
    });
    const proofPath = keep(path, found);
    const isConsistent = found.findings.length === 0;
    if (json) terminal.printJson({ relay, consistent: isConsistent, ...describeCheckpoint(found), findings: found.findings, ...(proofPath && { proof: proofPath }) });
    else for (const line of describe(relay, found, proofPath)) terminal.print(printableLine(line));
    return isConsistent ? ExitCode.DONE : ExitCode.DISHONEST;
  },
});

export const keylog = defineCommand({
  name: "keylog",
  summary: "Check a relay's public log of identity cards",
  examples: [["peerbrain keylog audit https://relay.example", "check all of it"]],
  commands: [audit],
});

function describe(relay: string, { checkpoint, findings }: KeyLogAudit, proofPath: string | undefined): string[] {
  if (findings.length > 0) {
    const proof = proofPath === undefined ? [] : [`  - the proof that convicts the relay before anybody is in ${proofPath}`];
    return [`key log of ${relay}: NOT CONSISTENT`, ...findings.map((finding) => `  - ${finding}`), ...proof];
  }
  if (!checkpoint) return [`key log of ${relay}: empty`];
  const { size, root, relayMs } = checkpoint;
  return [`key log of ${relay}: consistent`, `  ${size} leaves, root ${encodeBase64url(root)}, signed ${new Date(relayMs).toISOString()}`];
}

function describeCheckpoint({ checkpoint }: KeyLogAudit): object {
  return checkpoint ? { size: checkpoint.size, root: encodeBase64url(checkpoint.root), signedMs: checkpoint.relayMs } : {};
}

/** What this run leaves for the next: the checkpoint of a consistent log, or a proof, whose path it answers. */
function keep(path: string, { checkpoint, findings, splitProof }: KeyLogAudit): string | undefined {
  if (splitProof !== undefined) {
    writeFileSync(`${path}.proof`, splitProof);
    return `${path}.proof`;
  }
  if (findings.length === 0 && checkpoint) writeState(path, checkpoint);
  return undefined;
}

function defaultStatePath(relay: string): string {
  const name = relay.replace(/^https?:\/\//, "").replaceAll(/[^\w.-]+/g, "_");
  return join(homedir(), ".local/state/peerbrain", `keylog-${name}.checkpoint`);
}

function readState(path: string): Checkpoint | undefined {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new CommandError("AUDIT_IMPOSSIBLE", `${path} cannot be read.`, { cause: error });
  }
  try {
    return parseCheckpoint(parseBase64url(text.trim()));
  } catch (cause) {
    throw new CommandError("AUDIT_IMPOSSIBLE", `${path} holds no checkpoint. Name another file, or remove it to begin anew.`, { cause });
  }
}

/** Whole or not at all: a run that is stopped leaves the checkpoint of the one before. */
function writeState(path: string, { bytes }: Checkpoint): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, `${encodeBase64url(bytes)}\n`);
  renameSync(`${path}.new`, path);
}
