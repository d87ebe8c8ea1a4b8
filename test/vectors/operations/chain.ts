import {
  cardHashOf,
  createEntry,
  deriveThoughtKey,
  emptyChain,
  epochCommitment,
  joinChain,
  openBackLink,
  openThought,
  thoughtCommitment,
  verifyLinkedBackwards,
  verifyNextEntry,
  verifyNextWithdrawn,
  verifyOutline,
  verifySigned,
  verifyTombstoneTarget,
  extendOutline,
  type ChainState,
} from "../../../src/crypto/index.ts";
import { sodium } from "../../../src/crypto/sodium.ts";
import {
  isWithdrawn,
  parseEntry,
  parseEntryHeader,
  parseEpochPayload,
  parseThoughtBody,
  ProtocolError,
  type EntryPre,
  type EntryType,
} from "../../../src/protocol/index.ts";
import { fromHex, type Hex } from "../hex.ts";

interface ChainInput {
  author: Hex;
  /** Oldest first. Only the last may be refused: its outcome is the vector's. An entry of 234 bytes is a withdrawn one. */
  entries: Hex[];
}

interface OutlineInput {
  author: Hex;
  /** The CARD and EPOCH entries, all of them valid. */
  outline: Hex[];
}

export interface PreInput {
  type: EntryType;
  author: Hex;
  seq: number;
  prev: Hex;
  epoch: number;
  timeMs: number;
  entryId: Hex;
  signerCard: Hex;
}

const preOf = ({ author, prev, entryId, signerCard, ...rest }: PreInput): EntryPre => ({
  ...rest,
  author: fromHex(author),
  prev: fromHex(prev),
  entryId: fromHex(entryId),
  signerCard: fromHex(signerCard),
});

function describeState({ seq, headHash, epoch, card, commitments, pendingReason2 }: ChainState) {
  return { seq, headHash, epoch, cardHash: card && cardHashOf(card), commitment: commitments?.commitment, pendingReason2 };
}

/** Takes one after the other; a refusal of any but the last is a mistake of the vector. */
function takeAll<T>(items: Hex[], start: T, take: (state: T, bytes: Uint8Array) => T): T {
  return items.reduce((state, item, index) => {
    try {
      return take(state, fromHex(item));
    } catch (error) {
      if (index === items.length - 1 || !(error instanceof ProtocolError)) throw error;
      throw new Error(`item ${index} is refused already: ${error.code}`, { cause: error });
    }
  }, start);
}

const readEntry = (state: ChainState, bytes: Uint8Array): ChainState =>
  (isWithdrawn(bytes) ? verifyNextWithdrawn(state, bytes) : verifyNextEntry(state, bytes)).state;

const outlineOf = ({ author, outline }: OutlineInput) => {
  try {
    return verifyOutline(fromHex(author), outline.map(fromHex));
  } catch (error) {
    throw new Error("the outline itself is refused", { cause: error });
  }
};

/** What PROTOCOL.md §3 defines. */
export const chain = {
  "create-entry": ({ signSeed, payload, ...pre }: PreInput & { signSeed: Hex; payload: Hex }) => {
    const { publicKey, privateKey: secretKey } = sodium.crypto_sign_seed_keypair(fromHex(signSeed));
    const { bytes, entryHash } = createEntry({ ...preOf(pre), signer: { sign: { publicKey, secretKey } }, payload: fromHex(payload) });
    return { entry: bytes, entryHash };
  },

  "read-chain": ({ author, entries }: ChainInput) => describeState(takeAll(entries, emptyChain(fromHex(author)), readEntry)),

  "read-outline": ({ author, entries }: ChainInput) => {
    const outline = takeAll(entries, verifyOutline(fromHex(author), []), extendOutline);
    const cards = outline.cards.map(({ seq, entryHash }) => ({ seq, entryHash }));
    const epochs = outline.epochs.map(({ seq, entryHash, payload }) => ({ seq, entryHash, n: payload.n }));
    return { cards, epochs };
  },

  "verify-signed": ({ entry, ...input }: OutlineInput & { entry: Hex }) => {
    const { entryHash } = verifySigned(outlineOf(input), fromHex(entry));
    return { entryHash };
  },

  "verify-linked-backwards": ({ newer, older, ...input }: OutlineInput & { newer: Hex; older: Hex }) => {
    const header = parseEntryHeader(fromHex(newer).subarray(0, 234));
    const { entryHash } = verifyLinkedBackwards(outlineOf(input), header, fromHex(older));
    return { entryHash };
  },

  "join-chain": ({ head, next, ...input }: OutlineInput & { head: Hex; next: Hex[] }) => {
    const { state } = joinChain(outlineOf(input), fromHex(head));
    return describeState(takeAll(next, state, readEntry));
  },

  "verify-tombstone-target": ({ tombstone, target }: { tombstone: Hex; target: Hex }) => {
    verifyTombstoneTarget(parseEntry(fromHex(tombstone)), parseEntryHeader(fromHex(target).subarray(0, 234)));
    return {};
  },

  "epoch-keys": ({ key, author, n }: { key: Hex; author: Hex; n: number }) => {
    const [epochKey, user] = [fromHex(key), fromHex(author)];
    const thoughtKey = deriveThoughtKey(epochKey, user, n);
    return { thoughtKey, commitment: epochCommitment(epochKey, user, n), thoughtCommitment: thoughtCommitment(thoughtKey, user, n) };
  },

  "parse-epoch": ({ payload }: { payload: Hex }) => {
    const { n, vaultMin, reason } = parseEpochPayload(fromHex(payload));
    return { n, vaultMin, reason };
  },

  /** From the newest epoch back to the oldest of the payloads. */
  "walk-back": ({ author, key, payloads }: { author: Hex; key: Hex; payloads: Hex[] }) => {
    const epochs = payloads.map((payload) => parseEpochPayload(fromHex(payload)));
    const keys = [fromHex(key)];
    epochs.slice(0, -1).forEach((payload, index) => {
      const step = { author: fromHex(author), key: keys[index]!, payload, previousPayload: epochs[index + 1]! };
      keys.push(openBackLink(step));
    });
    return { keys };
  },

  "open-thought": ({ thoughtKey, entry }: { thoughtKey: Hex; entry: Hex }) => ({
    body: openThought(fromHex(thoughtKey), parseEntry(fromHex(entry))),
  }),

  "parse-thought": ({ body }: { body: Hex }) => ({ body: parseThoughtBody(fromHex(body)) }),
};
