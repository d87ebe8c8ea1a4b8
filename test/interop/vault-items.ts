import { type Bytes, concat, demand, u32, u8 } from "./bytes.ts";
import { parseCbor } from "./cbor.ts";
import { unpad } from "./encodings.ts";
import { deriveKey, open } from "./primitives.ts";
import { bytes, list, natural, oneOf, optional, record, text, yesOrNo } from "./shape.ts";

const MAX_CONTENT_BYTES = 983_039;
const MAX_SEALED_BYTES = 1_048_576;
const MAX_PEOPLE = 1600;

const id = bytes(32);
const position = record({ seq: natural, hash: id });

const ownCard = record({
  cardVersion: natural,
  createdMs: natural,
  signSeed: bytes(32),
  boxSeed: bytes(32),
  kemSeed: bytes(64),
  card: bytes(1357, 1421),
});

const friend = record({
  userId: id,
  username: optional(text(30)),
  cardVersion: optional(natural),
  cardHash: id,
  verified: yesOrNo,
  verifiedCard: optional(id),
  kind: oneOf(1, 2),
  historyWhenVerified: optional(yesOrNo),
  state: oneOf("PENDING_OUT", "ACCEPTED", "CONFIRMED", "PENDING_IN", "SUSPENDED"),
  fid: id,
  request: optional(bytes(226)),
  expiresMs: optional(natural),
  position: optional(position),
  firstEpoch: optional(natural),
});

const rotation = record({
  n: natural,
  key: id,
  entryId: bytes(16),
  reason: oneOf(0, 1, 2),
  recipients: list(id, MAX_PEOPLE),
  excluded: list(id, MAX_PEOPLE),
  endedFid: optional(id),
});

const identity = record({ cards: list(ownCard, 256) });
const friends = record({ friends: list(friend, MAX_PEOPLE), ended: list(id, 8192) });
const newestEpoch = record({ n: natural, key: id });
const settings = record({ relayReceiptKey: id, relayLoginKey: id, newestEpoch, historyAfterVerification: optional(yesOrNo), log: optional(bytes(146)) });
const pending = record({ rotation: optional(rotation), abandoned: list(id, MAX_PEOPLE), inFlight: optional(position) });

/** What each item holds, by its number (PROTOCOL.md §6 Items). */
export const shapes = { 1: identity, 2: friends, 3: settings, 4: pending };

export type ItemNumber = keyof typeof shapes;
export type ItemContent<N extends ItemNumber> = ReturnType<(typeof shapes)[N]>;

export const parseItem = <N extends ItemNumber>(item: N, content: Bytes): ItemContent<N> => shapes[item](parseCbor(content, MAX_CONTENT_BYTES)) as ItemContent<N>;

export function openItem(masterKey: Bytes, userId: Bytes, itemVersion: number, item: number, sealed: Bytes): Bytes {
  demand(sealed.length <= MAX_SEALED_BYTES, "bad-length");
  return unpad(open(deriveKey(masterKey, "vault-item", u8(item)), "vault", concat(userId, u32(itemVersion), u8(item)), sealed));
}
