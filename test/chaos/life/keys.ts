import { cardHashOf, isEpochKey, openGrant, openThought, verifyOutline, type ChainOutline } from "../../../src/crypto/index.ts";
import { EntryType, equalBytes, GrantKind, idKey, parseEntry, parseGrant, ProtocolError, type Entry } from "../../../src/protocol/index.ts";
import { AuthorKeys } from "../../../src/client/author-keys.ts";
import { ownIdentityOf, type OwnIdentity } from "../../../src/client/own-identity.ts";
import { ReceiptBook } from "../../../src/client/receipt-book.ts";
import { createRelayTransport } from "../../../src/client/relay-transport.ts";
import { ViewerStateDocument } from "../../../src/client/generated/graphql.ts";
import { Session } from "../../../src/client/session.ts";
import { login } from "../../../src/client/sign-in.ts";
import { VaultStore } from "../../../src/client/vault-store.ts";
import { verifyUser } from "../../../src/client/verified-user.ts";
import type { Citizen, World } from "./world.ts";

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
  const identities = new Map<Citizen, OwnIdentity>();
  for (const citizen of people) identities.set(citizen, await readIdentity(world, citizen));
  for (const author of people) {
    const authorId = identities.get(author)?.userId ?? new Uint8Array();
    const chain = await readChain(world, authorId);
    for (const [reader, identity] of identities) {
      if (reader === author) continue;
      const closedFrom = await findClosed(world, chain, identity.userId, authorId);
      const keys = collectKeys(chain.outline, identity, world.grants.sent.get(idKey(identity.userId)) ?? []);
      const opened = chain.thoughts.filter(({ entry }) => opens(keys, entry));
      world.tally.add(closedFrom === undefined ? "key ring of a friend" : "key ring of nobody's friend");
      if (closedFrom === undefined && opened.length < chain.thoughts.length) world.violations.push(`${reader.name} lacks keys of ${author.name}, a friend`);
      for (const { entry } of opened) if (closedFrom !== undefined && entry.seq > closedFrom) world.violations.push(`${reader.name} opens ${author.name} ${entry.seq}, behind ${closedFrom}`);
    }
  }
}

// Signs in by the parts of the SDK, because an account shows its keys to nobody.
export async function readIdentity({ relay }: World, { name, passwords }: Citizen): Promise<OwnIdentity> {
  const session = new Session(Date.now);
  const transport = await createRelayTransport({ relay: relay.origin, session });
  const signIn = (password = "") => login(transport, { username: name, password, deviceName: "key ring" }, { unsafeKeyStretching: true });
  const signedIn = await signIn(passwords[0]).catch(() => signIn(passwords[1]));
  session.open(signedIn.tokens);
  const { viewer } = await transport.execute(ViewerStateDocument, {});
  const published = verifyUser(viewer.user);
  const { opened } = await VaultStore.open(transport, signedIn.masterKey, published, new ReceiptBook(() => undefined));
  transport.close();
  return ownIdentityOf(published.userId, published.username, opened);
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
async function findClosed({ database }: World, { epochs }: Chain, reader: Uint8Array, author: Uint8Array): Promise<number | undefined> {
  const edges = await database.query(`SELECT 1 FROM "Edge" WHERE reader = $1 AND author = $2`, [reader, author]);
  if (edges.length > 0) return undefined;
  const [row] = await database.query(
    `SELECT max("changedAtMs") AS ms FROM "Friendship" WHERE state <> 'PENDING' AND ((requester = $1 AND accepter = $2) OR (requester = $2 AND accepter = $1))`,
    [reader, author],
  );
  if (row?.["ms"] === null || row === undefined) return -1;
  const endedAtMs = Number(row["ms"]);
  // What got no acceptance ends without an epoch: no key went out, or the vault planned one.
  return epochs.find(({ receivedAtMs }) => receivedAtMs >= endedAtMs)?.seq ?? Infinity;
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
