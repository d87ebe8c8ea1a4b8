import { cardHashOf, isEpochKey, openGrant, openThought, verifyOutline, type ChainOutline } from "../../../src/crypto/index.ts";
import { EntryType, equalBytes, GrantKind, idKey, parseEntry, parseFriendshipRecord, parseGrant, ProtocolError, type Entry } from "../../../src/protocol/index.ts";
import { AuthorKeys } from "../../../src/client/author-keys.ts";
import { ownIdentityOf, type OwnIdentity } from "../../../src/client/own-identity.ts";
import { ReceiptBook } from "../../../src/client/receipt-book.ts";
import { createRelayTransport } from "../../../src/client/relay-transport.ts";
import { ViewerStateDocument } from "../../../src/client/generated/graphql.ts";
import { Session } from "../../../src/client/session.ts";
import { login } from "../../../src/client/sign-in.ts";
import { VaultStore } from "../../../src/client/vault-store.ts";
import { verifyUser } from "../../../src/client/verified-user.ts";
import type { Ghosts } from "./ghosts.ts";
import type { Citizen, World } from "./world.ts";

/** For how long the relay's time of an end may lie before the end: it waits for other steps of the two. */
const MAX_WAIT_MS = 10_000;

/** Somebody's keys, and whom they accepted without having heard more. */
export interface KeyRing extends OwnIdentity {
  accepted: Set<string>;
}

/** Everything of one chain that the relay holds. */
interface Chain {
  outline: ChainOutline;
  thoughts: { entry: Entry; receivedAtMs: number }[];
  epochs: { seq: number; receivedAtMs: number }[];
}

/**
 * What somebody opens with all keys they ever had, all grants that were ever sent to them, refused ones too, and whatever the
 * relay holds: nothing of strangers, and of an ex-friend nothing behind the epoch that began with the end.
 */
export async function expectClosed(world: World): Promise<void> {
  const people = world.citizens.filter(({ isRegistered }) => isRegistered === "yes");
  const identities = new Map<Citizen, KeyRing>();
  for (const citizen of people) identities.set(citizen, await readIdentity(world, citizen));
  for (const author of people) {
    const ring = identities.get(author);
    if (ring === undefined) continue;
    const chain = await readChain(world, ring.userId);
    for (const [reader, identity] of identities) {
      if (reader === author) continue;
      const { closedFrom, endedFrom } = await findClosed(world, chain, { reader: identity.userId, author: ring.userId, heardAtMs: world.heardOfEnd(author, reader) });
      const openedWith = (grants: Ghosts["sent"]): number[] => findOpened(chain, identity, grants.get(idKey(identity.userId)) ?? []);
      const opened = openedWith(world.grants.sent);
      world.tally.add(closedFrom === undefined ? "key ring of a friend" : "key ring of nobody's friend");
      const complain = (seq: number, from: number): void => void world.violations.push(`${reader.name} opens ${author.name} ${seq}, behind ${from}`);
      if (closedFrom === undefined) {
        if (opened.length < chain.thoughts.length) world.violations.push(`${reader.name} lacks keys of ${author.name}, a friend`);
        continue;
      }
      for (const seq of openedWith(world.grants.stored)) if (seq > endedFrom) complain(seq, endedFrom);
      // Who was accepted without an answer may have been sent keys, which an honest relay refused.
      if (ring.accepted.has(idKey(identity.userId))) continue;
      for (const seq of opened) if (seq > closedFrom) complain(seq, closedFrom);
    }
  }
}

// Signs in by the parts of the SDK, because an account shows its keys to nobody. All is quiet: whichever password of those
// that may be in force signs in is the one.
export async function readIdentity({ relay }: World, citizen: Citizen): Promise<KeyRing> {
  const session = new Session(Date.now);
  const transport = await createRelayTransport({ relay: relay.origin, session });
  const signIn = async (password: string) => {
    const signedIn = await login(transport, { username: citizen.name, password, deviceName: "key ring" }, { unsafeKeyStretching: true });
    citizen.passwords = [password];
    return signedIn;
  };
  const [password = "", other = ""] = citizen.passwords;
  const signedIn = await signIn(password).catch(() => signIn(other));
  session.open(signedIn.tokens);
  const { viewer } = await transport.execute(ViewerStateDocument, {});
  const published = verifyUser(viewer.user);
  const { opened } = await VaultStore.open(transport, signedIn.masterKey, published, new ReceiptBook(() => undefined));
  transport.close();
  const accepted = new Set(opened.friends.friends.filter(({ state }) => state === "ACCEPTED").map(({ userId }) => idKey(userId)));
  return { ...ownIdentityOf(published.userId, published.username, opened), accepted };
}

async function readChain({ database }: World, author: Uint8Array): Promise<Chain> {
  const rows = await database.query(`SELECT type, seq, "signedHeader", payload, "receivedAtMs" FROM "Entry" WHERE author = $1 ORDER BY seq`, [author]);
  const entries = rows.flatMap(({ type, signedHeader, payload, receivedAtMs }) =>
    payload === null ? [] : [{ type: Number(type), bytes: new Uint8Array(Buffer.concat([signedHeader as Buffer, payload as Buffer])), receivedAtMs: Number(receivedAtMs) }],
  );
  const landmarks = entries.filter(({ type }) => type === EntryType.CARD || type === EntryType.EPOCH);
  const parsed = entries.map(({ bytes, receivedAtMs }) => ({ entry: parseEntry(bytes), receivedAtMs }));
  return {
    outline: verifyOutline(author, landmarks.map(({ bytes }) => bytes)),
    thoughts: parsed.filter(({ entry }) => entry.type === EntryType.THOUGHT),
    epochs: parsed.filter(({ entry }) => entry.type === EntryType.EPOCH).map(({ entry: { seq }, receivedAtMs }) => ({ seq, receivedAtMs })),
  };
}

/**
 * The place behind which a reader must open nothing with any grant that was ever sent, and the one for those that the relay
 * stored; `closedFrom` is undefined for who may read all, both are −1 for who may read nothing.
 */
async function findClosed(
  { database }: World,
  { epochs }: Chain,
  { reader, author, heardAtMs }: { reader: Uint8Array; author: Uint8Array; heardAtMs: number[] },
): Promise<{ closedFrom: number | undefined; endedFrom: number }> {
  const edges = await database.query(`SELECT 1 FROM "Edge" WHERE reader = $1 AND author = $2`, [reader, author]);
  if (edges.length > 0) return { closedFrom: undefined, endedFrom: Infinity };
  const [row] = await database.query(
    `SELECT "changedAtMs" AS ms, "endRecord" AS record FROM "Friendship" WHERE state <> 'PENDING' AND ((requester = $1 AND accepter = $2) OR (requester = $2 AND accepter = $1)) ORDER BY "changedAtMs" DESC LIMIT 1`,
    [reader, author],
  );
  if (row === undefined) return { closedFrom: -1, endedFrom: -1 };
  const endedAtMs = Number(row["ms"]);
  const after = epochs.filter(({ receivedAtMs }) => receivedAtMs >= endedAtMs);
  const isByAuthor = row["record"] === null || equalBytes(parseFriendshipRecord(new Uint8Array(row["record"] as Buffer)).signer, author);
  // Until the author hears that the other side has ended it, keys of new epochs may be sent to them: the relay refuses to store them.
  const heardMs = isByAuthor ? endedAtMs : heardAtMs.find((ms) => ms >= endedAtMs) ?? Infinity;
  // What got no acceptance ends without an epoch: no key went out, or the vault planned one.
  const closed = after.findLast(({ receivedAtMs }) => receivedAtMs <= heardMs) ?? after[0];
  const ended = after.find(({ receivedAtMs }) => receivedAtMs >= endedAtMs + MAX_WAIT_MS);
  return { closedFrom: closed?.seq ?? Infinity, endedFrom: ended?.seq ?? Infinity };
}

/** Places of the thoughts that somebody opens with these grants. */
function findOpened({ outline, thoughts }: Chain, identity: OwnIdentity, grants: Uint8Array[]): number[] {
  const keys = collectKeys(outline, identity, grants);
  return thoughts.filter(({ entry }) => opens(keys, entry)).map(({ entry }) => entry.seq);
}

function collectKeys(outline: ChainOutline, { userId, all }: OwnIdentity, grants: Uint8Array[]): AuthorKeys {
  const keys = new AuthorKeys(outline.author, () => outline);
  for (const grantBytes of grants) {
    const { author, recipientCardHash, authorCardHash, commitment, n } = parseGrant(grantBytes);
    const own = all.find(({ cardHash }) => equalBytes(cardHash, recipientCardHash));
    const signer = outline.cards.find(({ card }) => equalBytes(cardHashOf(card), authorCardHash));
    const epoch = outline.epochs.find(({ payload }) => equalBytes(payload.commitment, commitment));
    if (!equalBytes(author, outline.author) || !own || !signer || epoch?.payload.n !== n) continue;
    const { kind, key } = openGrant({ grantBytes, recipient: { userId, ...own }, author: { userId: author, card: signer.card }, epoch: epoch.payload });
    if (kind === GrantKind.EPOCH_ONLY) keys.addThoughtKey(n, key);
    // A key that was used for another epoch as well opens that one too.
    else for (const { payload } of outline.epochs) if (isEpochKey(key, author, payload)) keys.addEpochKey(payload.n, key);
  }
  return keys;
}

function opens(keys: AuthorKeys, entry: Entry): boolean {
  const thoughtKey = keys.thoughtKey(entry.epoch);
  if (thoughtKey === undefined) return false;
  try {
    openThought(thoughtKey, entry);
    return true;
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return false;
  }
}
