import {
  demand,
  encodeEntryPre,
  encodeThoughtBody,
  EntryType,
  parseThoughtBody,
  type CardHash,
  type Entry,
  type EntryPre,
  type ThoughtBody,
} from "../../protocol/index.ts";
import { createEntry, type CreatedEntry } from "./entry.ts";
import type { Identity } from "./identity.ts";
import { pad, unpad } from "./padding.ts";
import { open, seal } from "./seal.ts";

/** The payload of a THOUGHT, sealed to its place in the chain: preBytes is encodeEntryPre (PROTOCOL.md §3). @throws ProtocolError as encodeThoughtBody */
export function sealThought(thoughtKey: Uint8Array, preBytes: Uint8Array, body: ThoughtBody): Uint8Array {
  return seal(thoughtKey, "thought", preBytes, pad(encodeThoughtBody(body)));
}

/** Opens a thought whose entry has been verified. @throws ProtocolError bad-type, bad-seal, bad-padding, as parseThoughtBody */
export function openThought(thoughtKey: Uint8Array, entry: Entry): ThoughtBody {
  demand(entry.type === EntryType.THOUGHT, "bad-type");
  return parseThoughtBody(unpad(open(thoughtKey, "thought", entry.pre, entry.payload)));
}

/** A whole THOUGHT entry; thoughtKey is T of the given epoch, cardHash that of the identity's card. */
export function createThoughtEntry(thought: {
  identity: Pick<Identity, "sign">;
  cardHash: CardHash;
  thoughtKey: Uint8Array;
  body: ThoughtBody;
} & Omit<EntryPre, "type" | "signerCard">): CreatedEntry {
  const { identity, cardHash, thoughtKey, body, ...place } = thought;
  const pre: EntryPre = { ...place, type: EntryType.THOUGHT, signerCard: cardHash };
  return createEntry({ ...pre, signer: identity, payload: sealThought(thoughtKey, encodeEntryPre(pre), body) });
}
