import { createGrant, deriveThoughtKey, epochCommitment, openGrant } from "../crypto/index.ts";
import { encodeBase64url, equalBytes, GrantKind, idKey, parseBase64url, parseGrant, ProtocolError, type VaultFriend } from "../protocol/index.ts";
import type { ClientContext } from "./context.ts";
import { ClientError, expectResult, isRefusal } from "./errors.ts";
import { findPinned } from "./friend-chain.ts";
import { GrantsDocument, MissingGrantsDocument, StoreGrantsDocument } from "./generated/graphql.ts";
import { fetchEdges } from "./people.ts";
import { isRecipient } from "./plan-rotation.ts";
import type { VerifiedUser } from "./verified-user.ts";

const MAX_TRIES = 4;

/** The key of one own epoch. */
export interface EpochKey {
  n: number;
  key: Uint8Array;
}

/**
 * The key of the own epoch in force, from the vault or else from the grant to oneself. The relay keeps the newest such grant
 * alone: if another device began an epoch meanwhile, this client catches up and looks again. Throws ClientError VAULT_BROKEN.
 */
export async function newestEpochKey(context: ClientContext): Promise<EpochKey> {
  for (;;) {
    const { log } = context;
    const n = log.state.epoch;
    const key = await findEpochKey(context, n);
    if (key !== undefined) return { n, key };
    await log.catchUp();
    if (log.state.epoch === n) throw new ClientError("VAULT_BROKEN", "Neither the vault nor the relay holds the key of your newest epoch.");
  }
}

async function findEpochKey({ vault, log, own, transport }: ClientContext, n: number): Promise<Uint8Array | undefined> {
  const { newestEpoch } = vault.content.settings;
  if (newestEpoch.n === n) return newestEpoch.key;
  const epoch = log.outline.epochs[n]?.payload;
  const { grants } = await transport.execute(GrantsDocument, { author: encodeBase64url(own.userId), after: null });
  for (const { bytes } of grants.nodes) {
    const grantBytes = parseBase64url(bytes);
    const grant = parseGrant(grantBytes);
    const keys = own.all.find(({ cardHash }) => equalBytes(cardHash, grant.recipientCardHash));
    if (grant.n !== n || epoch === undefined || keys === undefined) continue;
    const opened = openGrant({ grantBytes, recipient: { userId: own.userId, ...keys }, author: { userId: own.userId, card: own.card }, epoch });
    if (opened.kind === GrantKind.HISTORY) return opened.key;
  }
  return undefined;
}

/** Takes in the key of the own epoch in force, and the vault in which it was decided: another device may have begun it. */
export async function followOwnEpoch(context: ClientContext): Promise<void> {
  const { keys, log, vault } = context;
  if (keys.thoughtKey(log.state.epoch) !== undefined) return;
  await vault.reload();
  const { n, key } = await newestEpochKey(context);
  keys.addEpochKey(n, key);
}

/** An own epoch key, sealed to one person; throws ProtocolError unusable-card when nothing can be sealed to the card. */
export function sealGrant({ own }: ClientContext, { n, key }: EpochKey, kind: GrantKind, to: Pick<VerifiedUser, "userId" | "card">): Uint8Array {
  return createGrant({
    kind,
    key: kind === GrantKind.HISTORY ? key : deriveThoughtKey(key, own.userId, n),
    author: own.userId,
    authorCardHash: own.cardHash,
    signSecretKey: own.identity.sign.secretKey,
    recipientUserId: to.userId,
    recipientCard: to.card,
    n,
    commitment: epochCommitment(key, own.userId, n),
  });
}

/** The grants of a new epoch: to oneself, and to every friend whom something can be sealed to. */
export async function sealGrants(context: ClientContext, epoch: EpochKey, friends: VaultFriend[]): Promise<Uint8Array[]> {
  const grants = [sealGrant(context, epoch, GrantKind.HISTORY, context.own)];
  for (const friend of friends) {
    const grant = await sealOrLeaveOut(context, epoch, friend);
    if (grant) grants.push(grant);
  }
  return grants;
}

/**
 * The key of the own epoch in force, once the vault is no older than the one in which that epoch was decided: an older one
 * may hold a friend whom the epoch leaves out.
 */
export async function newestKeyForFriends(context: ClientContext): Promise<EpochKey> {
  const { log, vault } = context;
  for (;;) {
    const epoch = await newestEpochKey(context);
    if (vault.version >= (log.outline.epochs[epoch.n]?.payload.vaultMin ?? 0)) return epoch;
    await vault.reload();
  }
}

/** Seals the newest key for friends who lack it, and says for how many. Names nobody whom the own vault does not hold as a friend. */
export async function healMissingGrants(context: ClientContext): Promise<number> {
  const { transport } = context;
  const { missingGrants } = await transport.execute(MissingGrantsDocument, {});
  const missing = new Set(missingGrants.map(({ recipient }) => recipient.id));
  let readers = missing;
  for (let attempt = 0; missing.size > 0; attempt += 1) {
    try {
      return await storeGrantsFor(context, ({ userId }) => missing.has(idKey(userId)) && readers.has(idKey(userId)));
    } catch (error) {
      if (!isRefusal(error, "GRANT_INVALID") || attempt === MAX_TRIES) throw error;
      // A new epoch began meanwhile, or a friendship ended: whom the relay still lets read gets the key of that epoch.
      await context.log.catchUp();
      readers = await fetchEdges(transport);
    }
  }
  return 0;
}

/**
 * Seals the newest key to these of the own friends, by a kind of its own or by theirs, and stores the grants; answers how
 * many. Who cannot be sealed to is left out.
 */
export async function storeGrantsFor(context: ClientContext, isMeant: (friend: VaultFriend) => boolean, kind?: GrantKind): Promise<number> {
  const { transport, vault } = context;
  const epoch = await newestKeyForFriends(context);
  const meant = vault.content.friends.friends.filter((friend) => isRecipient(friend) && isMeant(friend));
  const friends = meant.map((friend) => ({ ...friend, kind: kind ?? friend.kind }));
  if (friends.length === 0) return 0;
  const sealed = await Promise.all(friends.map((friend) => sealOrLeaveOut(context, epoch, friend)));
  const grants = sealed.flatMap((grant) => (grant ? [encodeBase64url(grant)] : []));
  if (grants.length === 0) return 0;
  const { storeGrants } = await transport.execute(StoreGrantsDocument, { input: { grants } });
  expectResult(storeGrants, "GrantsStored");
  return grants.length;
}

// A rotation never fails because of one recipient: who cannot be sealed to is left out (PROTOCOL.md §2).
async function sealOrLeaveOut(context: ClientContext, epoch: EpochKey, friend: VaultFriend): Promise<Uint8Array | undefined> {
  try {
    return sealGrant(context, epoch, friend.kind, await findPinned(context, friend));
  } catch (error) {
    const isTheirs = error instanceof ProtocolError || (error instanceof ClientError && THEIR_FAULTS.has(error.code));
    if (!isTheirs) throw error;
    return undefined;
  }
}

const THEIR_FAULTS: ReadonlySet<string> = new Set(["CARD_NOT_LOGGED", "CARD_REFUSED", "FRIEND_SUSPENDED", "KEY_LOG_BROKEN", "USER_UNKNOWN"]);
