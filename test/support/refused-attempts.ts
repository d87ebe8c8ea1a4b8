import { emailHashOf, generateBytes, startRegistration } from "../../src/crypto/index.ts";
import { createReceipt, deriveReceiptKey, generateReceiptSeed } from "../../src/crypto/relay/index.ts";
import type { RefusalCode } from "../../src/domain/domain-error.ts";
import { encodeBeaconPayload, encodeBase64url, encodeHealPayload, EntryType, parseEntry } from "../../src/protocol/index.ts";
import type { CardChangeOptions } from "./card-change.ts";
import type { Cast, Role } from "./cast.ts";
import type { Json } from "./graphql.ts";
import { cardReplacement, deletion, ending, nextVault, passwordChange, receiptOf, recovery, registration } from "./lawful-inputs.ts";
import { type Member, proveMember, toJson } from "./member.ts";

/** Something that is refused, with exactly this code. */
export interface RefusedAttempt {
  code: RefusalCode;
  mutation: string;
  what: string;
  as: Role;
  input(cast: Cast, relay: { url: string }): unknown;
  /** What has to be in the database for it, as SQL with Alice's id as $1. */
  given?: string;
}

const DAY_MS = 86_400_000;
const beacon = ({ hand }: Member, place = {}): Uint8Array => hand.sign(EntryType.BEACON, encodeBeaconPayload([]), place).bytes;
const usedId = ({ entries }: Member): { entryId: Uint8Array } => ({ entryId: parseEntry(entries[0] ?? new Uint8Array()).entryId });
const rotated = ({ hand }: Member, ...options: Parameters<Member["hand"]["rotation"]>): { entries: Uint8Array[]; grants: Uint8Array[] } => {
  const { epoch, grants } = hand.rotation(...options);
  return { entries: [epoch.bytes], grants };
};
/** A friendship of the role's that Alice ends, with entries of another kind. */
const endedWith = ({ alice, memberOf, friendshipOf }: Cast, place: object): unknown => {
  const { epoch, grants } = alice.hand.rotation([], { place });
  return { record: alice.hand.unfriendRecord(friendshipOf("friend"), memberOf("friend").hand), entries: [epoch.bytes], grants };
};
const acceptance = ({ alice, memberOf, friendshipOf }: Cast, change: { fid?: Uint8Array; grant?: Uint8Array; record?: object }): unknown => {
  const peer = memberOf("pendingRequester").hand;
  return { record: alice.hand.acceptRecord(change.fid ?? friendshipOf("pendingRequester"), peer, change.record), grant: change.grant ?? alice.hand.grant(peer) };
};
const requestTo = ({ alice, memberOf }: Cast, change: object): unknown => ({ record: memberOf("stranger").hand.requestRecord(alice.hand, { createdMs: Date.now(), ...change }) });

/** A thousand friends of Alice's. */
const manyFriends = `INSERT INTO "Edge" ("reader", "author", "friendshipId", "sinceSeq")
  SELECT decode(lpad(to_hex(n), 64, '0'), 'hex'), $1, decode(lpad(to_hex(n), 64, '0'), 'hex'), 0 FROM generate_series(1, 1000) n`;

/** As after a restoration that Alice's devices have not heard of. */
const awaitingReceipt = 'UPDATE "Chain" SET "restoration" = -1 WHERE "author" = $1';

const receiptOfAnotherRelay = ({ userId, hand: { head } }: Member): Uint8Array =>
  createReceipt(deriveReceiptKey(generateReceiptSeed()).secretKey, { author: userId, seq: head.seq, entryHash: head.hash, relayMs: 0 });

/** A new card of Alice's, of which something is not as it should be. */
const replacement =
  (options: CardChangeOptions, spoil: (input: Json, alice: Member) => object = () => ({})) =>
  async ({ alice }: Cast, relay: { url: string }): Promise<Json> => {
    const { input } = await cardReplacement(relay, alice, { wrapVersion: 3, ...options });
    return { ...input, ...spoil(input, alice) };
  };
/** The end of Alice's account, of which something is not as it should be. */
const leaving =
  (spoil: (input: Json, cast: Cast) => object) =>
  async (cast: Cast, relay: { url: string }): Promise<Json> => {
    const input = await deletion(relay, cast.alice);
    return { ...input, ...spoil(input, cast) };
  };
/** A HEAL for an older place in front of it. */
const headless = ({ entries }: Json, alice: Member): object => ({
  entries: [toJson(alice.hand.sign(EntryType.HEAL, encodeHealPayload([generateBytes(32)]), { seq: 2 }).bytes), ...entries],
});

const BY_INVITATION = `INSERT INTO "RelayMeta" SELECT 'registration', 'byInvitation' WHERE $1::bytea IS NOT NULL`;

const users: RefusedAttempt[] = [
  { code: "USER_EXISTS", mutation: "startRegistration", what: "an id that is registered", as: "nobody", input: ({ alice }) => ({ userId: alice.userId, registrationRequest: startRegistration("x").request }) },
  { code: "BYTES_MALFORMED", mutation: "startRegistration", what: "half a request", as: "nobody", input: () => ({ userId: generateBytes(32), registrationRequest: generateBytes(16) }) },
  { code: "USERNAME_TAKEN", mutation: "register", what: "a name that is taken", as: "nobody", input: async ({ alice }, relay) => ({ ...(await registration(relay)), username: alice.username }) },
  { code: "EMAIL_TAKEN", mutation: "register", what: "an address that is listed", as: "nobody", input: async ({ emailHash }, relay) => ({ ...(await registration(relay)), email: toJson(emailHash) }) },
  { code: "INVITATION_NEEDED", mutation: "register", what: "no invitation where one is needed", as: "nobody", given: BY_INVITATION, input: (_, relay) => registration(relay) },
  { code: "INVITATION_INVALID", mutation: "register", what: "an invitation that nobody made", as: "nobody", given: BY_INVITATION, input: async (_, relay) => ({ ...(await registration(relay)), invitation: toJson(generateBytes(16)) }) },
  { code: "ENTRY_INVALID", mutation: "register", what: "no entries", as: "nobody", input: async (_, relay) => ({ ...(await registration(relay)), entries: [] }) },
  { code: "VAULT_INVALID", mutation: "register", what: "no vault items", as: "nobody", input: async (_, relay) => withoutItems(await registration(relay)) },
  { code: "SIGNER_NOT_VIEWER", mutation: "register", what: "the vault of another", as: "nobody", input: async (_, relay) => ({ ...(await registration(relay)), vault: (await registration(relay)).vault }) },
  { code: "CREDENTIALS_INVALID", mutation: "finishLogin", what: "a proof that proves nothing", as: "nobody", input: async ({ alice }, relay) => ({ ...(await proveMember(relay, alice)), loginFinish: generateBytes(64), deviceName: "x" }) },
  { code: "LOGIN_EXPIRED", mutation: "finishLogin", what: "a login that nobody began", as: "nobody", input: () => ({ loginId: generateBytes(16), loginFinish: generateBytes(64), deviceName: "x" }) },
  { code: "USER_DISABLED", mutation: "finishLogin", what: "a user who was disabled", as: "nobody", given: 'UPDATE "User" SET "disabledAtMs" = 1 WHERE "id" = $1', input: async ({ alice }, relay) => ({ ...(await proveMember(relay, alice)), deviceName: "x" }) },
  { code: "SESSION_ENDED", mutation: "refreshSession", what: "a token of nobody's", as: "nobody", input: () => ({ refreshToken: encodeBase64url(generateBytes(52)) }) },
  { code: "SESSION_ENDED", mutation: "refreshSession", what: "no token", as: "nobody", input: () => ({ refreshToken: "" }) },
  { code: "SESSION_ENDED", mutation: "refreshSession", what: "a very long token", as: "nobody", input: () => ({ refreshToken: "x".repeat(100_000) }) },
  { code: "SESSION_NOT_FOUND", mutation: "endSession", what: "a session of nobody's", as: "friend", input: () => ({ sessionId: generateBytes(16) }) },
  { code: "BYTES_MALFORMED", mutation: "startPasswordChange", what: "half a request", as: "friend", input: () => ({ registrationRequest: generateBytes(16) }) },
  { code: "WRAP_STALE", mutation: "changePassword", what: "a version that is stored", as: "owner", input: ({ alice }, relay) => passwordChange(relay, alice, "next", 2) },
  { code: "BYTES_MALFORMED", mutation: "changePassword", what: "a new code without its wrap", as: "owner", input: async ({ alice }, relay) => ({ ...(await passwordChange(relay, alice, "next", 3)), recoveryVerifier: toJson(generateBytes(32)) }) },
  { code: "CREDENTIALS_INVALID", mutation: "startRecovery", what: "another code", as: "nobody", input: ({ alice }) => ({ username: alice.username, recoveryProof: generateBytes(32), deviceName: "x" }) },
  { code: "USER_DISABLED", mutation: "startRecovery", what: "a user who was disabled", as: "nobody", given: 'UPDATE "User" SET "disabledAtMs" = 1 WHERE "id" = $1', input: ({ alice }) => ({ username: alice.username, recoveryProof: alice.recovery.proof, deviceName: "x" }) },
  { code: "WRAP_STALE", mutation: "finishRecovery", what: "a version too high", as: "owner", input: ({ alice }, relay) => recovery(relay, alice, 4) },
  { code: "WRAP_STALE", mutation: "replaceCard", what: "a version of the wraps that is stored", as: "owner", input: replacement({ wrapVersion: 2 }) },
  { code: "LOGIN_EXPIRED", mutation: "replaceCard", what: "a login that nobody began", as: "owner", input: replacement({}, () => ({ loginId: generateBytes(16) })) },
  { code: "CREDENTIALS_INVALID", mutation: "replaceCard", what: "a proof that proves nothing", as: "owner", input: replacement({}, () => ({ loginFinish: generateBytes(64) })) },
  { code: "VAULT_STALE", mutation: "replaceCard", what: "a vault of a later version", as: "owner", input: replacement({ manifest: { vaultVersion: 9 } }) },
  { code: "VAULT_INVALID", mutation: "replaceCard", what: "a vault whose items stay", as: "owner", input: replacement({ items: [1] }) },
  { code: "GRANT_INVALID", mutation: "replaceCard", what: "without a grant to oneself", as: "owner", input: replacement({}, () => ({ grants: [] })) },
  { code: "ENTRY_INVALID", mutation: "replaceCard", what: "without an epoch", as: "owner", input: replacement({}, ({ entries }) => ({ entries: entries.slice(0, 1) })) },
  { code: "HEAD_STALE", mutation: "replaceCard", what: "behind an old head", as: "owner", input: replacement({}, headless) },
  { code: "ENTRY_CONFLICT", mutation: "replaceCard", what: "under a used entry id", as: "owner", input: replacement({}, (input, alice) => ({ entries: [toJson(alice.hand.sign(EntryType.HEAL, encodeHealPayload([generateBytes(32)]), usedId(alice)).bytes), ...input.entries] })) },
  { code: "RECEIPT_DUE", mutation: "replaceCard", what: "after a restoration", as: "owner", given: awaitingReceipt, input: replacement({}) },
  { code: "LOGIN_EXPIRED", mutation: "deleteAccount", what: "a login that nobody began", as: "owner", input: leaving(() => ({ loginId: generateBytes(16) })) },
  { code: "CREDENTIALS_INVALID", mutation: "deleteAccount", what: "a proof that proves nothing", as: "owner", input: leaving(() => ({ loginFinish: generateBytes(64) })) },
  { code: "FRIENDSHIP_STATE", mutation: "deleteAccount", what: "without the end of a friendship", as: "owner", input: leaving(({ records }) => ({ records: records.slice(1) })) },
  { code: "FRIENDSHIP_NOT_FOUND", mutation: "deleteAccount", what: "with the end of nothing", as: "owner", input: leaving(({ records }, { alice, memberOf }) => ({ records: [...records, toJson(alice.hand.unfriendRecord(generateBytes(32), memberOf("friend").hand))] })) },
  { code: "CARD_STALE", mutation: "deleteAccount", what: "a card of before", as: "friend", input: async ({ alice, memberOf, friendshipOf }, relay) => ({ ...(await proveMember(relay, memberOf("friend"))), records: [memberOf("friend").hand.unfriendRecord(friendshipOf("friend"), alice.hand, { peerCardHash: generateBytes(32) })] }) },
  { code: "BYTES_MALFORMED", mutation: "deleteAccount", what: "the record of another step", as: "owner", input: leaving((_, { alice, memberOf, friendshipOf }) => ({ records: [toJson(alice.hand.declineRecord(friendshipOf("friend"), memberOf("friend").hand))] })) },
  { code: "SIZE_EXCEEDED", mutation: "deleteAccount", what: "more ends than friends can be", as: "owner", input: leaving(({ records }) => ({ records: Array.from({ length: 1_001 }, () => records[0]) })) },
  { code: "EMAIL_TAKEN", mutation: "setEmail", what: "an address that is listed", as: "friend", input: ({ alice }) => ({ email: emailHashOf(`${alice.username}@example.org`.toUpperCase()) }) },
];

const friendships: RefusedAttempt[] = [
  { code: "REQUEST_TO_SELF", mutation: "requestFriendship", what: "oneself", as: "owner", input: ({ alice }) => ({ record: alice.hand.requestRecord(alice.hand) }) },
  { code: "REQUEST_EXISTS", mutation: "requestFriendship", what: "a second time", as: "pendingRequester", input: ({ alice, memberOf }) => ({ record: memberOf("pendingRequester").hand.requestRecord(alice.hand) }) },
  { code: "REQUEST_EXISTS", mutation: "requestFriendship", what: "a friend", as: "owner", input: ({ alice, memberOf }) => ({ record: alice.hand.requestRecord(memberOf("friend").hand) }) },
  { code: "REQUEST_CROSSED", mutation: "requestFriendship", what: "who asked first", as: "owner", input: ({ alice, memberOf }) => ({ record: alice.hand.requestRecord(memberOf("pendingRequester").hand) }) },
  { code: "USER_NOT_FOUND", mutation: "requestFriendship", what: "nobody's id", as: "stranger", input: (cast) => requestTo(cast, { to: generateBytes(32) }) },
  { code: "USER_NOT_FOUND", mutation: "requestFriendship", what: "a user who was disabled", as: "stranger", given: 'UPDATE "User" SET "disabledAtMs" = 1 WHERE "id" = $1', input: (cast) => requestTo(cast, {}) },
  { code: "USER_NOT_FOUND", mutation: "requestFriendship", what: "a user whose account is deleted", as: "stranger", given: 'UPDATE "User" SET "deletedAtMs" = 1 WHERE "id" = $1', input: (cast) => requestTo(cast, {}) },
  { code: "CARD_STALE", mutation: "requestFriendship", what: "a card of before", as: "stranger", input: (cast) => requestTo(cast, { toCardHash: generateBytes(32) }) },
  { code: "REQUEST_EXPIRED", mutation: "requestFriendship", what: "a request of yesterday", as: "stranger", input: (cast) => requestTo(cast, { createdMs: Date.now() - DAY_MS, expiresMs: Date.now() - 1 }) },
  { code: "FRIENDS_FULL", mutation: "requestFriendship", what: "with a thousand friends", as: "owner", given: manyFriends, input: ({ alice, memberOf }) => ({ record: alice.hand.requestRecord(memberOf("stranger").hand) }) },
  { code: "FRIENDS_FULL", mutation: "acceptFriendship", what: "with a thousand friends", as: "owner", given: manyFriends, input: (cast) => acceptance(cast, {}) },
  { code: "FRIENDSHIP_NOT_FOUND", mutation: "acceptFriendship", what: "a request of nobody's", as: "owner", input: (cast) => acceptance(cast, { fid: generateBytes(32) }) },
  { code: "REQUEST_EXPIRED", mutation: "acceptFriendship", what: "a request that ran out", as: "owner", given: 'UPDATE "Friendship" SET "expiresAtMs" = 1 WHERE "accepter" = $1', input: (cast) => acceptance(cast, {}) },
  { code: "CARD_STALE", mutation: "acceptFriendship", what: "a card of before", as: "owner", input: (cast) => acceptance(cast, { record: { peerCardHash: generateBytes(32) } }) },
  { code: "GRANT_INVALID", mutation: "acceptFriendship", what: "a grant to another", as: "owner", input: (cast) => acceptance(cast, { grant: cast.alice.hand.grant(cast.memberOf("friend").hand) }) },
  { code: "GRANT_INVALID", mutation: "acceptFriendship", what: "a grant of a later epoch", as: "owner", input: (cast) => acceptance(cast, { grant: cast.alice.hand.grant(cast.memberOf("pendingRequester").hand, { n: 2 }) }) },
  { code: "BYTES_MALFORMED", mutation: "confirmFriendship", what: "the record of another step", as: "owner", input: (cast) => acceptance(cast, {}) },
  { code: "FRIENDSHIP_STATE", mutation: "confirmFriendship", what: "what nobody accepted", as: "pendingRequester", input: ({ alice, memberOf, friendshipOf }) => confirmation(memberOf("pendingRequester"), alice, friendshipOf("pendingRequester")) },
  { code: "FRIENDSHIP_STATE", mutation: "declineFriendship", what: "one's own request", as: "pendingRequester", input: ({ alice, memberOf, friendshipOf }) => ({ record: memberOf("pendingRequester").hand.declineRecord(friendshipOf("pendingRequester"), alice.hand) }) },
  { code: "FRIENDSHIP_STATE", mutation: "cancelFriendship", what: "another's request", as: "pendingAccepter", input: ({ alice, memberOf, friendshipOf }) => ({ record: memberOf("pendingAccepter").hand.cancelRecord(friendshipOf("pendingAccepter"), alice.hand) }) },
  { code: "FRIENDSHIP_STATE", mutation: "endFriendship", what: "a second time", as: "owner", input: ({ alice, memberOf, friendshipOf }) => ending(alice, friendshipOf("exFriend"), memberOf("exFriend")).input },
  { code: "HEAD_STALE", mutation: "endFriendship", what: "behind an old head", as: "owner", input: (cast) => endedWith(cast, { seq: 2 }) },
  { code: "ENTRY_CONFLICT", mutation: "endFriendship", what: "under a used entry id", as: "owner", input: (cast) => endedWith(cast, usedId(cast.alice)) },
  { code: "EPOCH_STALE", mutation: "endFriendship", what: "with a later epoch", as: "owner", input: (cast) => endedWith(cast, { epoch: 7 }) },
  { code: "ENTRY_INVALID", mutation: "endFriendship", what: "without an epoch", as: "owner", input: (cast) => ({ ...(endedWith(cast, {}) as object), entries: [] }) },
  { code: "GRANT_INVALID", mutation: "endFriendship", what: "without a grant to oneself", as: "owner", input: (cast) => ({ ...(endedWith(cast, {}) as object), grants: [] }) },
];

const chains: RefusedAttempt[] = [
  { code: "SIGNER_NOT_VIEWER", mutation: "createThought", what: "an entry of a stranger", as: "owner", input: ({ memberOf }) => ({ entry: memberOf("stranger").hand.thought("x").bytes }) },
  { code: "HEAD_STALE", mutation: "createThought", what: "behind an old head", as: "owner", input: ({ alice }) => ({ entry: alice.hand.thought("x", { seq: 2 }).bytes }) },
  { code: "HEAD_STALE", mutation: "createThought", what: "beside the head", as: "owner", input: ({ alice }) => ({ entry: alice.hand.thought("x", { prev: generateBytes(32) }).bytes }) },
  { code: "HEAD_STALE", mutation: "createThought", what: "far above the head", as: "owner", input: ({ alice }) => ({ entry: alice.hand.thought("x", { seq: Number.MAX_SAFE_INTEGER }).bytes }) },
  { code: "EPOCH_STALE", mutation: "createThought", what: "of the epoch before", as: "owner", input: ({ alice }) => ({ entry: alice.hand.thought("x", { epoch: 0 }).bytes }) },
  { code: "EPOCH_STALE", mutation: "createThought", what: "before the epoch that a lost friend makes due", as: "exFriend", input: ({ memberOf }) => ({ entry: memberOf("exFriend").hand.thought("x").bytes }) },
  { code: "ENTRY_CONFLICT", mutation: "createThought", what: "under a used entry id", as: "owner", input: ({ alice }) => ({ entry: alice.hand.thought("x", usedId(alice)).bytes }) },
  { code: "CARD_STALE", mutation: "createThought", what: "in the name of another card", as: "owner", input: ({ alice }) => ({ entry: alice.hand.thought("x", { signerCard: generateBytes(32) }).bytes }) },
  { code: "ENTRY_INVALID", mutation: "createThought", what: "what is no thought", as: "owner", input: ({ alice }) => ({ entry: beacon(alice) }) },
  { code: "THOUGHT_NOT_FOUND", mutation: "withdrawThought", what: "what was never written", as: "owner", input: ({ alice }) => ({ entry: alice.hand.tombstone(generateBytes(32)).bytes }) },
  { code: "HEAD_STALE", mutation: "withdrawThought", what: "behind an old head", as: "owner", input: ({ alice }) => ({ entry: alice.hand.tombstone(alice.hand.head.hash, { seq: 2 }).bytes }) },
  { code: "ENTRY_CONFLICT", mutation: "withdrawThought", what: "under a used entry id", as: "owner", input: ({ alice }) => ({ entry: alice.hand.tombstone(alice.hand.head.hash, usedId(alice)).bytes }) },
  { code: "HEAD_STALE", mutation: "appendEntries", what: "behind an old head", as: "owner", input: ({ alice }) => ({ entries: [beacon(alice, { seq: 2 })], grants: [] }) },
  { code: "HEAD_STALE", mutation: "appendEntries", what: "the second one behind the same head", as: "owner", input: ({ alice }) => ({ entries: [alice.hand.sign(EntryType.HEAL, encodeHealPayload([generateBytes(32)])).bytes, beacon(alice)], grants: [] }) },
  { code: "ENTRY_CONFLICT", mutation: "appendEntries", what: "under a used entry id", as: "owner", input: ({ alice }) => ({ entries: [beacon(alice, usedId(alice))], grants: [] }) },
  { code: "SIZE_EXCEEDED", mutation: "appendEntries", what: "nine entries", as: "owner", input: ({ alice }) => ({ entries: Array.from({ length: 9 }, () => beacon(alice)), grants: [] }) },
  { code: "ENTRY_INVALID", mutation: "appendEntries", what: "none", as: "owner", input: () => ({ entries: [], grants: [] }) },
  { code: "VAULT_INVALID", mutation: "appendEntries", what: "an epoch that names an old vault", as: "owner", input: ({ alice }) => rotated(alice, [], { vaultMin: 1 }) },
  { code: "GRANT_INVALID", mutation: "appendEntries", what: "an epoch granted to a stranger", as: "owner", input: ({ alice, memberOf }) => rotated(alice, [memberOf("stranger").hand]) },
  { code: "GRANT_INVALID", mutation: "appendEntries", what: "an epoch granted to an ex-friend", as: "owner", input: ({ alice, memberOf }) => rotated(alice, [memberOf("exFriend").hand]) },
  { code: "RECEIPT_DUE", mutation: "createThought", what: "after a restoration", as: "owner", given: awaitingReceipt, input: ({ alice }) => ({ entry: alice.hand.thought("x").bytes }) },
  { code: "RECEIPT_DUE", mutation: "withdrawThought", what: "after a restoration", as: "owner", given: awaitingReceipt, input: ({ alice }) => ({ entry: alice.hand.tombstone(alice.hand.head.hash).bytes }) },
  { code: "RECEIPT_DUE", mutation: "appendEntries", what: "after a restoration", as: "owner", given: awaitingReceipt, input: ({ alice }) => ({ entries: [beacon(alice)], grants: [] }) },
  { code: "RECEIPT_DUE", mutation: "endFriendship", what: "after a restoration", as: "owner", given: awaitingReceipt, input: (cast) => endedWith(cast, {}) },
  { code: "HEAD_STALE", mutation: "showReceipt", what: "of an earlier entry", as: "owner", given: awaitingReceipt, input: async ({ alice }, relay) => ({ receipt: await receiptOf(relay, alice, "OLDEST_FIRST") }) },
  { code: "SIGNATURE_INVALID", mutation: "showReceipt", what: "that another relay signed", as: "owner", given: awaitingReceipt, input: ({ alice }) => ({ receipt: receiptOfAnotherRelay(alice) }) },
  { code: "SIZE_EXCEEDED", mutation: "storeGrants", what: "1002 grants", as: "owner", input: ({ alice, memberOf }) => ({ grants: Array<string>(1002).fill(encodeBase64url(alice.hand.grant(memberOf("friend").hand))) }) },
  { code: "GRANT_INVALID", mutation: "storeGrants", what: "none", as: "owner", input: () => ({ grants: [] }) },
  { code: "GRANT_INVALID", mutation: "storeGrants", what: "one to an ex-friend", as: "owner", input: ({ alice, memberOf }) => ({ grants: [alice.hand.grant(memberOf("exFriend").hand)] }) },
  { code: "FRIENDSHIP_NOT_FOUND", mutation: "askForGrant", what: "of nobody's", as: "friend", input: () => ({ author: generateBytes(32) }) },
  { code: "VAULT_STALE", mutation: "saveVault", what: "after an old version", as: "owner", input: async ({ alice }, relay) => ({ ...(await nextVault(relay, alice)), expectedVersion: 1 }) },
  { code: "VAULT_INVALID", mutation: "saveVault", what: "an item that was not sent", as: "owner", input: async ({ alice }, relay) => withoutItems(await nextVault(relay, alice)) },
  { code: "SIZE_EXCEEDED", mutation: "saveVault", what: "an item above 1 MiB", as: "owner", input: async ({ alice }, relay) => withItem(await nextVault(relay, alice), new Uint8Array(1_048_577)) },
  { code: "SIGNATURE_INVALID", mutation: "saveVault", what: "a manifest that was changed", as: "owner", input: async ({ alice }, relay) => withManifest(await nextVault(relay, alice)) },
];

export const refusedAttempts: RefusedAttempt[] = [...users, ...friendships, ...chains];

type WithVault = { vault: { manifest: string; items: { sealed: string }[] } };

function withoutItems<Input extends WithVault>(input: Input): Input {
  return { ...input, vault: { ...input.vault, items: [] } };
}

function withItem<Input extends WithVault>(input: Input, sealed: Uint8Array): Input {
  return { ...input, vault: { ...input.vault, items: input.vault.items.map((item) => ({ ...item, sealed: encodeBase64url(sealed) })) } };
}

function withManifest<Input extends WithVault>(input: Input): Input {
  const bytes = Buffer.from(input.vault.manifest, "base64url");
  const changed = Buffer.from(bytes.map((byte, index) => (index === bytes.length - 1 ? byte ^ 1 : byte)));
  return { ...input, vault: { ...input.vault, manifest: changed.toString("base64url") } };
}

function confirmation(requester: Member, accepter: Member, fid: Uint8Array): unknown {
  return { record: requester.hand.confirmRecord(fid, accepter.hand), grant: requester.hand.grant(accepter.hand) };
}
