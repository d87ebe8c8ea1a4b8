import { emailHashOf, generateBytes, startLogin, startRegistration } from "../../src/crypto/index.ts";
import { encodeBase64url, encodeBeaconPayload, EntryType, parseEntry } from "../../src/protocol/index.ts";
import { type Cast, type Role, ROLES } from "./cast.ts";
import { ask } from "./graphql.ts";
import { cardReplacement, deletion, ending, nextVault, passwordChange, receiptOf, recovery, registration } from "./lawful-inputs.ts";
import { type Member, proveMember } from "./member.ts";
import { createPerson } from "./person.ts";

/** Who tries something with whom. */
export interface Actor {
  relay: { url: string };
  cast: Cast;
  /** Signs and sends. */
  me: Member;
  /** Alice, unless she is the one who tries. */
  peer: Member;
  /** The friendship between the two. */
  fid: Uint8Array;
  isOwner: boolean;
}

/** Something to try, and what each role gets for it. */
export interface Attempt {
  mutation: string;
  what: string;
  input(actor: Actor): unknown;
  /** A refusal's code, or the name of the outcome; behind "=" when it is the answer of before and nothing changes. */
  outcomes: Record<Role, string>;
  /** With whom Alice tries it. */
  ownersPeer?: Role;
  /** A password, a code or a token proves who one is, whoever is signed in. */
  isProof?: true;
}

const to = (word: string, special: Partial<Record<Role, string>>): Record<Role, string> =>
  Object.fromEntries(ROLES.map((role) => [role, special[role] ?? word])) as Record<Role, string>;
/** The same for everybody, signed in or not. */
const anybody = (word: string): Record<Role, string> => to(word, {});
/** The same for everybody who is signed in, but for those named. */
const signedIn = (word: string, special: Partial<Record<Role, string>> = {}): Record<Role, string> => to(word, { nobody: "UNAUTHENTICATED", ...special });
const onlyOwner = (outcome: string, others: string): Record<Role, string> => signedIn(others, { owner: outcome });

const newcomer = createPersonOnce();
const rotationOf = ({ hand }: Member): { entries: Uint8Array[]; grants: Uint8Array[] } => {
  const { epoch, grants } = hand.rotation();
  return { entries: [epoch.bytes], grants };
};
const beaconOf = ({ hand }: Member): Uint8Array => hand.sign(EntryType.BEACON, encodeBeaconPayload([])).bytes;
/** Where the next entry of somebody's chain has its place. */
const headOf = ({ userId, hand: { head, epoch } }: Member): object => ({ author: userId, seq: head.seq + 1, prev: head.hash, epoch });
const firstEntryId = ({ entries }: Member): Uint8Array => parseEntry(entries[0] ?? new Uint8Array()).entryId;

/** The bytes of Alice's newest entry, as they are stored. */
async function newestOf(relay: Actor["relay"], alice: Member): Promise<string> {
  const query = "query ($author: UserId!) { chain(author: $author, order: NEWEST_FIRST, first: 1) { nodes { bytes } } }";
  const { data } = await ask(relay, { query, variables: { author: encodeBase64url(alice.userId) }, token: alice.token });
  return data.chain.nodes[0].bytes;
}

/** A request of Alice's, as it is stored. */
async function requestOf(relay: Actor["relay"], { alice, friendshipOf }: Cast): Promise<{ record: string }> {
  const query = "query ($id: FriendshipId!) { friendship(id: $id) { requestRecord } }";
  const { data } = await ask(relay, { query, variables: { id: encodeBase64url(friendshipOf("pendingAccepter")) }, token: alice.token });
  return { record: data.friendship.requestRecord };
}

const users: Attempt[] = [
  { mutation: "startRegistration", what: "somebody new", input: () => ({ userId: newcomer().userId, registrationRequest: startRegistration("x").request }), outcomes: anybody("RegistrationStarted") },
  { mutation: "startRegistration", what: "under Alice's id", input: ({ cast }) => ({ userId: cast.alice.userId, registrationRequest: startRegistration("x").request }), outcomes: anybody("USER_EXISTS") },
  { mutation: "register", what: "somebody new", input: ({ relay }) => registration(relay, newcomer()), outcomes: anybody("Registered") },
  { mutation: "register", what: "under Alice's name", input: async ({ relay, cast }) => ({ ...(await registration(relay, newcomer())), username: cast.alice.username }), outcomes: anybody("USERNAME_TAKEN") },
  { mutation: "startLogin", what: "Alice's name", input: ({ cast }) => ({ username: cast.alice.username, loginRequest: startLogin("x").request }), outcomes: anybody("LoginStarted") },
  { mutation: "finishLogin", what: "Alice's password", input: async ({ relay, cast }) => ({ ...(await proveMember(relay, cast.alice)), deviceName: "new" }), outcomes: anybody("LoggedIn"), isProof: true },
  { mutation: "finishLogin", what: "a made-up proof", input: async ({ relay, cast }) => ({ ...(await proveMember(relay, cast.alice)), loginFinish: generateBytes(64), deviceName: "new" }), outcomes: anybody("CREDENTIALS_INVALID") },
  { mutation: "refreshSession", what: "Alice's refresh token", input: ({ cast }) => ({ refreshToken: cast.otherSession.refreshToken }), outcomes: anybody("SessionRefreshed"), isProof: true },
  { mutation: "refreshSession", what: "Alice's access token", input: ({ cast }) => ({ refreshToken: cast.otherSession.accessToken }), outcomes: anybody("SESSION_ENDED") },
  { mutation: "endSession", what: "a session of Alice's", input: ({ cast }) => ({ sessionId: cast.otherSession.sessionId }), outcomes: onlyOwner("SessionsEnded", "SESSION_NOT_FOUND") },
  { mutation: "endAllSessions", what: "all of one's own", input: () => ({ includeCurrent: true }), outcomes: signedIn("SessionsEnded") },
  { mutation: "startPasswordChange", what: "one's own", input: () => ({ registrationRequest: startRegistration("x").request }), outcomes: signedIn("RegistrationStarted") },
  { mutation: "changePassword", what: "one's own", input: ({ relay, me, isOwner }) => passwordChange(relay, me, "next", isOwner ? 3 : 2), outcomes: signedIn("PasswordChanged") },
  { mutation: "changePassword", what: "with a proof of Alice's password", input: ({ relay, cast }) => passwordChange(relay, cast.alice, "next", 3), outcomes: onlyOwner("PasswordChanged", "CREDENTIALS_INVALID") },
  { mutation: "replaceCard", what: "one's own", input: async ({ relay, me, isOwner }) => (await cardReplacement(relay, me, { wrapVersion: isOwner ? 3 : 2 })).input, outcomes: signedIn("CardReplaced") },
  {
    mutation: "replaceCard", what: "one's own, with a proof of Alice's password",
    input: async ({ relay, cast, me, isOwner }) => ({ ...(await cardReplacement(relay, me, { wrapVersion: isOwner ? 3 : 2 })).input, ...(await proveMember(relay, cast.alice)) }),
    outcomes: onlyOwner("CardReplaced", "CREDENTIALS_INVALID"),
  },
  { mutation: "replaceCard", what: "Alice's", input: async ({ relay, cast }) => (await cardReplacement(relay, cast.alice, { wrapVersion: 3 })).input, outcomes: onlyOwner("CardReplaced", "SIGNER_NOT_VIEWER") },
  { mutation: "deleteAccount", what: "Alice's", input: ({ relay, cast }) => deletion(relay, cast.alice), outcomes: onlyOwner("AccountDeleted", "SIGNER_NOT_VIEWER") },
  { mutation: "deleteAccount", what: "one's own", input: ({ relay, me }) => deletion(relay, me), outcomes: signedIn("AccountDeleted") },
  {
    mutation: "deleteAccount", what: "one's own, with a proof of Alice's password",
    input: async ({ relay, cast, me }) => ({ ...(await deletion(relay, me)), ...(await proveMember(relay, cast.alice)) }),
    outcomes: onlyOwner("AccountDeleted", "CREDENTIALS_INVALID"),
  },
  { mutation: "startRecovery", what: "Alice's code", input: ({ cast }) => ({ username: cast.alice.username, recoveryProof: cast.alice.recovery.proof, deviceName: "new" }), outcomes: anybody("RecoveryStarted"), isProof: true },
  { mutation: "startRecovery", what: "another code", input: ({ cast, me, isOwner }) => ({ username: cast.alice.username, recoveryProof: isOwner ? generateBytes(32) : me.recovery.proof, deviceName: "new" }), outcomes: anybody("CREDENTIALS_INVALID") },
  { mutation: "finishRecovery", what: "one's own code", input: ({ relay, me, isOwner }) => recovery(relay, me, isOwner ? 3 : 2), outcomes: signedIn("PasswordChanged") },
  { mutation: "finishRecovery", what: "Alice's code", input: ({ relay, cast }) => recovery(relay, cast.alice, 3), outcomes: onlyOwner("PasswordChanged", "CREDENTIALS_INVALID") },
  { mutation: "setEmail", what: "one's own address", input: () => ({ email: emailHashOf("somebody@example.org") }), outcomes: signedIn("EmailSet") },
  { mutation: "setEmail", what: "Alice's address", input: ({ cast }) => ({ email: cast.emailHash }), outcomes: onlyOwner("=EmailSet", "EMAIL_TAKEN") },
];

/** The steps of a friendship with Alice, by oneself and by what somebody got hold of that Alice signed. */
const friendships: Attempt[] = [
  {
    mutation: "requestFriendship", what: "Alice", input: ({ cast, me }) => ({ record: me.hand.requestRecord(cast.alice.hand) }),
    outcomes: signedIn("REQUEST_EXISTS", { stranger: "FriendshipRequested", exFriend: "FriendshipRequested", pendingAccepter: "REQUEST_CROSSED", owner: "REQUEST_TO_SELF" }),
  },
  { mutation: "requestFriendship", what: "what Alice signed", input: ({ cast }) => ({ record: cast.alice.hand.requestRecord(cast.memberOf("stranger").hand) }), outcomes: onlyOwner("FriendshipRequested", "SIGNER_NOT_VIEWER") },
  {
    mutation: "requestFriendship", what: "what Alice stored", input: ({ relay, cast }) => requestOf(relay, cast),
    outcomes: onlyOwner("=FriendshipRequested", "SIGNER_NOT_VIEWER"),
  },
  {
    mutation: "acceptFriendship", what: "the other's request", input: ({ me, peer, fid }) => ({ record: me.hand.acceptRecord(fid, peer.hand), grant: me.hand.grant(peer.hand) }), ownersPeer: "pendingRequester",
    outcomes: signedIn("FRIENDSHIP_STATE", { stranger: "FRIENDSHIP_NOT_FOUND", pendingAccepter: "FriendshipAccepted", acceptedAccepter: "=FriendshipAccepted", owner: "FriendshipAccepted" }),
  },
  {
    mutation: "acceptFriendship", what: "what Alice signed",
    input: ({ cast: { alice, memberOf, friendshipOf } }) => ({ record: alice.hand.acceptRecord(friendshipOf("pendingRequester"), memberOf("pendingRequester").hand), grant: alice.hand.grant(memberOf("pendingRequester").hand) }),
    outcomes: onlyOwner("FriendshipAccepted", "SIGNER_NOT_VIEWER"),
  },
  {
    mutation: "confirmFriendship", what: "the other's acceptance", input: ({ me, peer, fid }) => ({ record: me.hand.confirmRecord(fid, peer.hand), grant: me.hand.grant(peer.hand) }), ownersPeer: "acceptedAccepter",
    outcomes: signedIn("FRIENDSHIP_STATE", { stranger: "FRIENDSHIP_NOT_FOUND", acceptedRequester: "FriendshipConfirmed", friend: "=FriendshipConfirmed", exFriend: "=FriendshipConfirmed", owner: "FriendshipConfirmed" }),
  },
  {
    mutation: "confirmFriendship", what: "what Alice signed",
    input: ({ cast: { alice, memberOf, friendshipOf } }) => ({ record: alice.hand.confirmRecord(friendshipOf("acceptedAccepter"), memberOf("acceptedAccepter").hand), grant: alice.hand.grant(memberOf("acceptedAccepter").hand) }),
    outcomes: onlyOwner("FriendshipConfirmed", "SIGNER_NOT_VIEWER"),
  },
  {
    mutation: "declineFriendship", what: "the other's request", input: ({ me, peer, fid }) => ({ record: me.hand.declineRecord(fid, peer.hand) }), ownersPeer: "pendingRequester",
    outcomes: signedIn("FRIENDSHIP_STATE", { stranger: "FRIENDSHIP_NOT_FOUND", pendingAccepter: "FriendshipDeclined", owner: "FriendshipDeclined" }),
  },
  {
    mutation: "declineFriendship", what: "what Alice signed",
    input: ({ cast: { alice, memberOf, friendshipOf } }) => ({ record: alice.hand.declineRecord(friendshipOf("pendingRequester"), memberOf("pendingRequester").hand) }),
    outcomes: onlyOwner("FriendshipDeclined", "SIGNER_NOT_VIEWER"),
  },
  {
    mutation: "cancelFriendship", what: "one's own request", input: ({ me, peer, fid }) => ({ record: me.hand.cancelRecord(fid, peer.hand) }), ownersPeer: "pendingAccepter",
    outcomes: signedIn("FRIENDSHIP_STATE", { stranger: "FRIENDSHIP_NOT_FOUND", pendingRequester: "FriendshipCancelled", owner: "FriendshipCancelled" }),
  },
  {
    mutation: "cancelFriendship", what: "what Alice signed",
    input: ({ cast: { alice, memberOf, friendshipOf } }) => ({ record: alice.hand.cancelRecord(friendshipOf("pendingAccepter"), memberOf("pendingAccepter").hand) }),
    outcomes: onlyOwner("FriendshipCancelled", "SIGNER_NOT_VIEWER"),
  },
  {
    mutation: "endFriendship", what: "the friendship", input: ({ me, peer, fid }) => ending(me, fid, peer).input, ownersPeer: "friend",
    outcomes: signedIn("FRIENDSHIP_STATE", { stranger: "FRIENDSHIP_NOT_FOUND", acceptedRequester: "FriendshipEnded", acceptedAccepter: "FriendshipEnded", friend: "FriendshipEnded", owner: "FriendshipEnded" }),
  },
  {
    mutation: "endFriendship", what: "what Alice signed", input: ({ cast: { alice, memberOf, friendshipOf } }) => ending(alice, friendshipOf("friend"), memberOf("friend")).input,
    outcomes: onlyOwner("FriendshipEnded", "SIGNER_NOT_VIEWER"),
  },
];

const chains: Attempt[] = [
  { mutation: "createThought", what: "of one's own", input: ({ me }) => ({ entry: me.hand.thought("mine").bytes }), outcomes: signedIn("ThoughtCreated", { exFriend: "EPOCH_STALE" }) },
  { mutation: "createThought", what: "in Alice's name", input: ({ me, cast: { alice } }) => ({ entry: me.hand.thought("hers?", headOf(alice)).bytes }), outcomes: onlyOwner("ThoughtCreated", "SIGNER_NOT_VIEWER") },
  { mutation: "createThought", what: "what Alice signed", input: ({ cast }) => ({ entry: cast.alice.hand.thought("hers").bytes }), outcomes: onlyOwner("ThoughtCreated", "SIGNER_NOT_VIEWER") },
  { mutation: "createThought", what: "what Alice stored", input: async ({ relay, cast }) => ({ entry: await newestOf(relay, cast.alice) }), outcomes: onlyOwner("=ThoughtCreated", "SIGNER_NOT_VIEWER") },
  { mutation: "createThought", what: "behind a stale head", input: ({ me }) => ({ entry: me.hand.thought("late", { seq: 1 }).bytes }), outcomes: signedIn("HEAD_STALE") },
  { mutation: "createThought", what: "under a used id", input: ({ me }) => ({ entry: me.hand.thought("again", { entryId: firstEntryId(me) }).bytes }), outcomes: signedIn("ENTRY_CONFLICT") },
  { mutation: "withdrawThought", what: "Alice's thought, on one's own chain", input: ({ me, cast: { alice } }) => ({ entry: me.hand.tombstone(alice.hand.head.hash).bytes }), outcomes: onlyOwner("ThoughtWithdrawn", "THOUGHT_NOT_FOUND") },
  { mutation: "withdrawThought", what: "what Alice signed", input: ({ cast: { alice } }) => ({ entry: alice.hand.tombstone(alice.hand.head.hash).bytes }), outcomes: onlyOwner("ThoughtWithdrawn", "SIGNER_NOT_VIEWER") },
  { mutation: "appendEntries", what: "a new epoch of one's own", input: ({ me }) => rotationOf(me), outcomes: signedIn("EntriesAppended") },
  { mutation: "appendEntries", what: "what Alice signed", input: ({ cast }) => ({ entries: [beaconOf(cast.alice)], grants: [] }), outcomes: onlyOwner("EntriesAppended", "SIGNER_NOT_VIEWER") },
  { mutation: "appendEntries", what: "what Alice stored", input: ({ cast }) => ({ entries: cast.alice.entries.slice(1), grants: [] }), outcomes: onlyOwner("=EntriesAppended", "SIGNER_NOT_VIEWER") },
  { mutation: "showReceipt", what: "one's own", input: async ({ relay, me }) => ({ receipt: await receiptOf(relay, me, "NEWEST_FIRST") }), outcomes: signedIn("=ReceiptShown") },
  { mutation: "showReceipt", what: "Alice's", input: async ({ relay, cast }) => ({ receipt: await receiptOf(relay, cast.alice, "NEWEST_FIRST") }), outcomes: onlyOwner("=ReceiptShown", "SIGNER_NOT_VIEWER") },
  {
    mutation: "storeGrants", what: "of one's own, sealed to Alice", input: ({ me, cast: { alice } }) => ({ grants: [me.hand.grant(alice.hand)] }),
    outcomes: signedIn("GRANT_INVALID", { acceptedAccepter: "GrantsStored", friend: "GrantsStored", owner: "GrantsStored" }),
  },
  { mutation: "storeGrants", what: "what Alice signed", input: ({ cast: { alice, memberOf } }) => ({ grants: [alice.hand.grant(memberOf("friend").hand)] }), outcomes: onlyOwner("GrantsStored", "SIGNER_NOT_VIEWER") },
  {
    mutation: "askForGrant", what: "of Alice's", input: ({ cast }) => ({ author: cast.alice.userId }),
    outcomes: signedIn("FRIENDSHIP_NOT_FOUND", { acceptedRequester: "GrantAsked", friend: "=GrantAsked" }),
  },
  { mutation: "saveVault", what: "one's own", input: ({ relay, me }) => nextVault(relay, me), outcomes: signedIn("VaultSaved") },
  { mutation: "saveVault", what: "what Alice signed", input: async ({ relay, cast, isOwner }) => ({ ...(await nextVault(relay, cast.alice)), ...(!isOwner && { expectedVersion: 1 }) }), outcomes: onlyOwner("VaultSaved", "SIGNER_NOT_VIEWER") },
  { mutation: "saveVault", what: "after another version", input: async ({ relay, me }) => ({ ...(await nextVault(relay, me)), expectedVersion: 7 }), outcomes: signedIn("VAULT_STALE") },
];

export const attempts: Attempt[] = [...users, ...friendships, ...chains];

/** What each outcome holds. Whoever gets an outcome gets all of it, and nobody else gets any. */
export const outcomeFields: Record<string, string[]> = {
  RegistrationStarted: ["registrationResponse"],
  Registered: ["user", "session", "receipts"],
  SessionTokens: ["sessionId", "accessToken", "accessTokenExpiresAt", "refreshToken"],
  LoginStarted: ["loginId", "userId", "loginResponse"],
  LoggedIn: ["session", "user", "passwordWrap", "wrapVersion"],
  SessionRefreshed: ["session"],
  SessionsEnded: ["count"],
  PasswordChanged: ["wrapVersion", "sessionsEnded"], CardReplaced: ["receipts", "head", "sessionsEnded"], AccountDeleted: ["deletedAt", "friendshipsEnded"],
  RecoveryStarted: ["session", "user", "recoveryWrap", "recoveryWrapVersion", "wrapVersion"],
  EmailSet: ["listedByEmail"],
  FriendshipRequested: ["friendship"],
  FriendshipAccepted: ["friendship"],
  FriendshipConfirmed: ["friendship"],
  FriendshipDeclined: ["friendship"],
  FriendshipCancelled: ["friendship"],
  FriendshipEnded: ["friendship", "receipts"],
  ThoughtCreated: ["thought", "receipt"],
  ThoughtWithdrawn: ["thought", "receipt"],
  EntriesAppended: ["receipts", "head"],
  ReceiptShown: ["head"],
  GrantsStored: ["count"],
  GrantAsked: ["friendship"],
  VaultSaved: ["version"],
  Refused: ["code", "message"],
  HeadStale: ["code", "message", "head"],
  EntryConflict: ["code", "message", "receipt"],
  RequestCrossed: ["code", "message", "friendship"],
  VaultStale: ["code", "message", "version"],
};

/** One newcomer is enough: whatever an attempt stores is taken back. */
function createPersonOnce(): () => ReturnType<typeof createPerson> {
  let person: ReturnType<typeof createPerson> | undefined;
  return () => (person ??= createPerson());
}
