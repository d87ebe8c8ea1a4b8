import { logLeafHashOf, verifyCheckpoint } from "../crypto/index.ts";
import { encodeBase64url, parseBase64url, ProtocolError, type Checkpoint, type InclusionProof, type KeyLogLeaf } from "../protocol/index.ts";
import { KeyLogDocument, type KeyLogQuery } from "./generated/graphql.ts";
import type { Transport } from "./ports.ts";

/** As many proofs as one answer holds at most. */
export const MAX_PROOFS = 200;

/** What the relay answered about its key log at one moment; of it only the checkpoint's signature is verified. */
export interface KeyLogAnswer {
  checkpoint: Checkpoint;
  /** By older size. */
  paths: Map<number, Uint8Array[]>;
  /** In the order of the leaves asked for. */
  proofs: (InclusionProof | undefined)[];
  leavesOf: KeyLogLeaf[];
}

/** Asks about older sizes, leaves and names at once. Throws ProtocolError for an answer that is none, and as verifyCheckpoint. */
export async function askKeyLog(
  transport: Transport,
  relayKey: Uint8Array,
  { from = [], leaves = [], names = [] }: { from?: number[]; leaves?: KeyLogLeaf[]; names?: Uint8Array[] },
): Promise<KeyLogAnswer> {
  const hashes = leaves.map((leaf) => encodeBase64url(logLeafHashOf(leaf)));
  const { keyLog } = await transport.execute(KeyLogDocument, { from: [...new Set(from)], leaves: hashes, names: names.map(encodeBase64url) });
  if (!keyLog) throw new ProtocolError("rolled-back", "the key log is empty");
  return parseAnswer(relayKey, keyLog);
}

function parseAnswer(relayKey: Uint8Array, keyLog: NonNullable<KeyLogQuery["keyLog"]>): KeyLogAnswer {
  const { checkpoint, consistency, inclusion, leavesOf } = keyLog;
  const hashes = (texts: readonly string[]): Uint8Array[] => texts.map(parseBase64url);
  return {
    checkpoint: verifyCheckpoint(relayKey, parseBase64url(checkpoint)),
    paths: new Map(consistency.map(({ from, path }) => [from, hashes(path)])),
    proofs: inclusion.map((proof) => (proof ? { index: proof.index, path: hashes(proof.path) } : undefined)),
    leavesOf: leavesOf.map(({ nameHash, userId, cardHash }) => ({ nameHash: parseBase64url(nameHash), userId: parseBase64url(userId), cardHash: parseBase64url(cardHash) })),
  };
}
