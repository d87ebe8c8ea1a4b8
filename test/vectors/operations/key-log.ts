import { logLeafHashOf, userNameHashOf, verifyCheckpoint, verifyConsistency, verifyInclusion, verifySplitProof } from "../../../src/crypto/index.ts";
import { createCheckpoint, deriveReceiptKey } from "../../../src/crypto/relay/index.ts";
import { fromHex, type Hex } from "../hex.ts";

/** The log at one size. */
interface HeadInput {
  size: number;
  root: Hex;
}

export interface LeafInput {
  nameHash: Hex;
  userId: Hex;
  cardHash: Hex;
}

const leafOf = ({ nameHash, userId, cardHash }: LeafInput) => ({ nameHash: fromHex(nameHash), userId: fromHex(userId), cardHash: fromHex(cardHash) });
const headOf = ({ size, root }: HeadInput) => ({ size, root: fromHex(root) });

/** What PROTOCOL.md §7 defines. */
export const keyLog = {
  "log-leaf": ({ username, userId, cardHash }: { username: string; userId: Hex; cardHash: Hex }) => {
    const nameHash = userNameHashOf(username);
    return { nameHash, leafHash: logLeafHashOf({ nameHash, userId: fromHex(userId), cardHash: fromHex(cardHash) }) };
  },

  "create-checkpoint": ({ seed, relayMs, ...head }: HeadInput & { seed: Hex; relayMs: number }) => {
    const keys = deriveReceiptKey(fromHex(seed));
    return { publicKey: keys.publicKey, checkpoint: createCheckpoint(keys, { ...headOf(head), relayMs }) };
  },

  "verify-checkpoint": ({ relayKey, checkpoint }: { relayKey: Hex; checkpoint: Hex }) => {
    const { size, root, relayMs } = verifyCheckpoint(fromHex(relayKey), fromHex(checkpoint));
    return { size, root, relayMs };
  },

  "verify-inclusion": ({ leaf, index, path, ...head }: HeadInput & { leaf: LeafInput; index: number; path: Hex[] }) => {
    verifyInclusion(headOf(head), leafOf(leaf), { index, path: path.map(fromHex) });
    return {};
  },

  "verify-consistency": ({ older, newer, path }: { older: HeadInput; newer: HeadInput; path: Hex[] }) => {
    verifyConsistency(headOf(older), headOf(newer), path.map(fromHex));
    return {};
  },

  "verify-split-proof": ({ relayKey, proof }: { relayKey: Hex; proof: Hex }) => {
    const { older, newer } = verifySplitProof(fromHex(relayKey), fromHex(proof));
    return { sizes: [older.size, newer.size] };
  },
};
