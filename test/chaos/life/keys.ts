import { cardHashOf, isEpochKey, openGrant, openThought, verifyOutline, type ChainOutline } from "../../../src/crypto/index.ts";
import { EntryType, equalBytes, GrantKind, idKey, parseEntry, parseFriendshipRecord, parseGrant, ProtocolError, type Entry } from "../../../src/protocol/index.ts";
import { AuthorKeys } from "../../../src/client/author-keys.ts";
import { isRecipient } from "../../../src/client/plan-rotation.ts";
import { ownIdentityOf, type OwnIdentity } from "../../../src/client/own-identity.ts";
import { ReceiptBook } from "../../../src/client/receipt-book.ts";
import { createRelayTransport } from "../../../src/client/relay-transport.ts";
import { ViewerStateDocument } from "../../../src/client/generated/graphql.ts";
import { Session } from "../../../src/client/session.ts";
import { login } from "../../../src/client/sign-in.ts";
import { VaultStore } from "../../../src/client/vault-store.ts";
import { verifyUser } from "../../../src/client/verified-user.ts";
import type { Citizen, World } from "./world.ts";

/** Somebody's keys, and to whom their vault gives the keys of new epochs. */
export interface KeyRing extends OwnIdentity {
  recipients: Set<string>;
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
      // Who accepted somebody and never heard an answer may have given them keys.
      const isMeant = ring.recipients.has(idKey(identity.userId));
      const closedFrom = await findClosed(world, chain, { reader: identity.userId, author: ring.userId, heardAtMs: world.heardOfEnd(author, reader) });
      const keys = collectKeys(chain.outline, identity, world.grants.sent.get(idKey(identity.userId)) ?? []);
      const opened = chain.thoughts.filter(({ entry }) => opens(keys, entry));
      world.tally.add(closedFrom === undefined ? "key ring of a friend" : "key ring of nobody's friend");
      if (isMeant && closedFrom !== undefined) continue;
      if (closedFrom === undefined && opened.length < chain.thoughts.length) world.violations.push(`${reader.name} lacks keys of ${author.name}, a friend`);
      for (const { entry } of opened) if (closedFrom !== undefined && entry.seq > closedFrom) world.violations.push(`${reader.name} opens ${author.name} ${entry.seq}, behind ${closedFrom}`);
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
  const recipients = new Set(opened.friends.friends.filter(isRecipient).map(({ userId }) => idKey(userId)));
  return { ...ownIdentityOf(published.userId, published.username, opened), recipients };
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

/** The place behind which a reader must open nothing; undefined for who may read all, −1 for who may read nothing. */
async function findClosed({ database }: World, { epochs }: Chain, { reader, author, heardAtMs }: { reader: Uint8Array; author: Uint8Array; heardAtMs: number[] }): Promise<number | undefined> {
  const edges = await database.query(`SELECT 1 FROM "Edge" WHERE reader = $1 AND author = $2`, [reader, author]);
  if (edges.length > 0) return undefined;
  const [row] = await database.query(
    `SELECT "changedAtMs" AS ms, "endRecord" AS record FROM "Friendship" WHERE state <> 'PENDING' AND ((requester = $1 AND accepter = $2) OR (requester = $2 AND accepter = $1)) ORDER BY "changedAtMs" DESC LIMIT 1`,
    [reader, author],
  );
  if (row === undefined) return -1;
  const endedAtMs = Number(row["ms"]);
  const after = epochs.filter(({ receivedAtMs }) => receivedAtMs >= endedAtMs);
  const isByAuthor = row["record"] === null || equalBytes(parseFriendshipRecord(new Uint8Array(row["record"] as Buffer)).signer, author);
  // Until the author hears that the other side has ended it, an epoch may begin for another reason.
  const heardMs = isByAuthor ? endedAtMs : heardAtMs.find((ms) => ms >= endedAtMs) ?? Infinity;
  // What got no acceptance ends without an epoch: no key went out, or the vault planned one.
  return (after.findLast(({ receivedAtMs }) => receivedAtMs <= heardMs) ?? after[0])?.seq ?? Infinity;
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
