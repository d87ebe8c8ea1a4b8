import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { ready } from "../../src/crypto/index.ts";
import { buildArchives } from "./build/archive.ts";
import { buildCards } from "./build/card.ts";
import { buildCbor } from "./build/cbor.ts";
import { buildChain } from "./build/chain.ts";
import { buildChoices } from "./build/choices.ts";
import { buildConventions } from "./build/conventions.ts";
import { buildEpochRules } from "./build/epoch-rules.ts";
import { buildEpochs } from "./build/epoch.ts";
import { buildFriendCards } from "./build/friend-card.ts";
import { buildForkProofs } from "./build/fork-proof.ts";
import { buildFriendships } from "./build/friendship.ts";
import { buildGrants } from "./build/grant.ts";
import { buildObservations } from "./build/observation.ts";
import { buildOutlineOrder } from "./build/outline-order.ts";
import { buildInvites } from "./build/invite.ts";
import { buildKeyLog } from "./build/key-log.ts";
import { buildOutline } from "./build/outline.ts";
import { buildReceiptConflicts } from "./build/receipt-conflict.ts";
import { buildReceipts } from "./build/receipt.ts";
import { buildRecovery } from "./build/recovery.ts";
import { buildSafety } from "./build/safety.ts";
import { buildThoughts } from "./build/thought.ts";
import { buildSignatures } from "./build/signature.ts";
import type { Draft, Topic } from "./build/topic.ts";
import { buildVault } from "./build/vault.ts";
import { folder, listFiles, readVectors, run, type Vector } from "./vector.ts";

/**
 * Compares the frozen vectors with what would be generated today, and with --new adds those whose ids are not frozen yet.
 * A frozen vector is never rewritten.
 */
await ready();
const isAdding = process.argv.includes("--new");
const topics = [
  buildConventions(),
  buildCbor(),
  buildCards(),
  buildChain(),
  buildEpochRules(),
  buildOutline(),
  buildOutlineOrder(),
  buildEpochs(),
  buildThoughts(),
  buildGrants(),
  buildFriendships(),
  buildReceipts(),
  buildObservations(),
  buildForkProofs(),
  buildReceiptConflicts(),
  buildVault(),
  buildArchives(),
  buildFriendCards(),
  buildRecovery(),
  buildSafety(),
  buildSignatures(),
  buildInvites(),
  buildChoices(),
  buildKeyLog(),
];
const problems = topics.flatMap(freeze);
// A file that was changed by hand keeps its old digest, and stays red.
if (isAdding && problems.length === 0) writeDigests();
for (const problem of problems) process.stderr.write(`${problem}\n`);
process.exitCode = problems.length > 0 ? 1 : 0;

/** What is wrong with a topic, after its new vectors were added. */
function freeze({ name, drafts }: Topic): string[] {
  const file = `${name}.json`;
  const frozen = existsSync(join(folder, file)) ? readVectors(file) : [];
  const generated = drafts.map((draft) => ({ draft, frozenOne: frozen.find(({ id }) => id === draft.id) }));
  const found: string[] = duplicates(drafts).map((id) => `${id}: two vectors of this name`);
  const fresh: Vector[] = [];
  for (const { draft, frozenOne } of generated) {
    const outcome = run(draft);
    if (outcome.expect !== draft.expect) found.push(`${draft.id}: expected ${draft.expect}, got ${outcome.expect}`);
    const vector = JSON.parse(JSON.stringify({ ...draft, ...outcome })) as Vector;
    if (!frozenOne) fresh.push(vector);
    else if (!isDeepStrictEqual(vector, frozenOne)) found.push(`${draft.id}: frozen, and would be another today`);
  }
  const gone = frozen.filter(({ id }) => !drafts.some((draft) => draft.id === id));
  found.push(...gone.map(({ id }) => `${id}: frozen, and not generated today`));
  if (!isAdding) found.push(...fresh.map(({ id }) => `${id}: not frozen yet (--new adds it)`));
  if (isAdding && found.length === 0 && fresh.length > 0) writeVectors(file, [...frozen, ...fresh]);
  process.stdout.write(`${file}: ${frozen.length} frozen, ${isAdding ? `${fresh.length} added` : `${fresh.length} new`}\n`);
  return found;
}

function writeVectors(file: string, vectors: Vector[]): void {
  writeFileSync(join(folder, file), `${JSON.stringify({ format: 1, vectors }, null, 1)}\n`);
}

function writeDigests(): void {
  const digests = Object.fromEntries(listFiles().map((file) => [file, digestOf(file)]));
  writeFileSync(join(folder, "digest.json"), `${JSON.stringify(digests, null, 2)}\n`);
}

function duplicates(drafts: Draft[]): string[] {
  const ids = drafts.map(({ id }) => id);
  return ids.filter((id, index) => ids.indexOf(id) !== index);
}

function digestOf(file: string): string {
  return createHash("sha256").update(readFileSync(join(folder, file))).digest("hex");
}
