import { createEpochPayload, createUnfriend, epochCommitment, generateEntryId, type CreatedEntry } from "../crypto/index.ts";
import {
  encodeBase64url,
  encodeEpochPayload,
  EntryType,
  equalBytes,
  idKey,
  type PendingRotation,
  type UserId,
} from "../protocol/index.ts";
import { backoffMs, sleep } from "./backoff.ts";
import { sendEntries, wire, type ChainWriter, type Send } from "./chain-writer.ts";
import type { ClientContext } from "./context.ts";
import { ClientError, expectResult, isRefusal } from "./errors.ts";
import { EndFriendshipDocument } from "./generated/graphql.ts";
import { newestEpochKey, sealGrants } from "./granting.ts";
import { fetchEdges, findUser } from "./people.ts";
import { isRecipient, planRotation, recipientsOf } from "./plan-rotation.ts";
import type { VaultContent } from "./vault-store.ts";

const MAX_TRIES = 8;
/** Tries that follow each other without a wait. */
const TRIES_AT_ONCE = 2;

/** Brings the rotation that the vault holds as pending onto the own chain. */
export class Rotation {
  readonly #context: ClientContext;
  readonly #writer: () => ChainWriter;

  constructor(context: ClientContext, writer: () => ChainWriter) {
    this.#context = context;
    this.#writer = writer;
  }

  /** Returns once nothing is pending. Runs inside the writer's turn. Throws ClientError CONFLICT; the rotation then stays pending. */
  async finish(): Promise<void> {
    const { vault, log, transport } = this.#context;
    let edges: Set<string> | undefined;
    for (let attempt = 0; attempt < MAX_TRIES; attempt += 1) {
      const pending = await this.#prepare();
      if (pending === undefined) return;
      try {
        if (await this.#submit(pending, edges)) await this.#settle(pending);
      } catch (error) {
        // Two devices in step would go on refusing each other: what one gives up changes the vault that the other one signed.
        if (attempt >= TRIES_AT_ONCE) await sleep(backoffMs(attempt - TRIES_AT_ONCE));
        if (isRefusal(error, "VAULT_INVALID", "VAULT_STALE")) await vault.reload();
        else if (isRefusal(error, "EPOCH_STALE")) await log.catchUp();
        else if (isRefusal(error, "FRIENDSHIP_STATE", "FRIENDSHIP_NOT_FOUND")) await this.#dropEnd(pending);
        else if (isRefusal(error, "GRANT_INVALID")) {
          edges = await fetchEdges(transport);
          await this.#replaceKey();
        } else if (!isRefusal(error, "CARD_STALE")) throw error;
      }
    }
    throw new ClientError("CONFLICT", "Other devices kept changing your chain. The rotation stays pending and is tried again.");
  }

  /** Begins a new epoch, and returns once it is in force. Runs inside the writer's turn. */
  async begin(): Promise<void> {
    const { vault, log } = this.#context;
    await this.finish();
    await vault.update((content) => {
      if (content.pending.rotation !== undefined) return false;
      planRotation(content, log.state.epoch, []);
      return true;
    });
    await this.finish();
  }

  // The pending rotation as it can be signed now; undefined when there is none or it is on the chain already.
  async #prepare(): Promise<PendingRotation | undefined> {
    const { vault, log } = this.#context;
    const pending = vault.content.pending.rotation;
    if (pending === undefined) return undefined;
    if (this.#isOnChain(pending)) {
      await this.#settle(pending);
      return this.#prepare();
    }
    const isSame = pending.n === log.state.epoch + 1 && isSameSet(pending.recipients, recipientsOf(vault.content));
    if (isSame) return pending;
    return (await this.#replaceKey()).pending.rotation;
  }

  #isOnChain({ n, key }: PendingRotation): boolean {
    const epoch = this.#context.log.outline.epochs[n]?.payload;
    return epoch !== undefined && equalBytes(epoch.commitment, epochCommitment(key, this.#context.own.userId, n));
  }

  async #submit(pending: PendingRotation, edges: Set<string> | undefined): Promise<boolean> {
    const { vault, log } = this.#context;
    const writer = this.#writer();
    await writer.settle();
    const heal = writer.healIfDue();
    const after = heal && { seq: log.state.seq + 1, hash: heal.entry.entryHash };
    const payload = await this.#payloadOf(pending);
    // An EPOCH carries its own number, and an id that was refused before is never used for other bytes.
    const place = { ...writer.placeAfter(after), epoch: pending.n };
    const epoch = writer.sign(place, EntryType.EPOCH, payload, heal ? generateEntryId() : pending.entryId);
    const friends = vault.content.friends.friends.filter((friend) => isRecipient(friend) && (edges?.has(idKey(friend.userId)) ?? true));
    const grants = await sealGrants(this.#context, pending, friends);
    const isPlaced = await writer.send(heal ? [heal.entry, epoch] : [epoch], await this.#sender(pending, grants));
    if (isPlaced && heal) await writer.forgetHealed(heal.healed);
    return isPlaced;
  }

  async #payloadOf({ n, key, reason }: PendingRotation): Promise<Uint8Array> {
    const { own, vault } = this.#context;
    const { key: previousKey } = await newestEpochKey(this.#context);
    return encodeEpochPayload(createEpochPayload({ author: own.userId, n, key, previousKey, vaultMin: vault.version, reason }));
  }

  async #sender({ endedFid, excluded }: PendingRotation, grants: Uint8Array[]): Promise<Send> {
    const { own, transport } = this.#context;
    const peer = excluded.at(-1);
    if (endedFid === undefined || peer === undefined) return sendEntries(this.#context, grants);
    const { cardHash: peerCardHash } = await findUser(transport, { id: encodeBase64url(peer) });
    const signSecretKey = own.identity.sign.secretKey;
    const record = createUnfriend({ fid: endedFid, signer: own.userId, signerCardHash: own.cardHash, peer, peerCardHash, signSecretKey });
    return async (entries: CreatedEntry[]) => {
      const input = { record: encodeBase64url(record), entries: entries.map(wire), grants: grants.map(encodeBase64url) };
      const { endFriendship } = await transport.execute(EndFriendshipDocument, { input });
      return expectResult(endFriendship, "FriendshipEnded").receipts;
    };
  }

  // The new key is in force: the vault keeps it as the newest one.
  async #settle({ n, key }: PendingRotation): Promise<void> {
    this.#context.keys.addEpochKey(n, key);
    await this.#context.vault.update(({ pending, settings }) => {
      if (pending.rotation === undefined || !equalBytes(pending.rotation.key, key)) return false;
      delete pending.rotation;
      settings.newestEpoch = { n, key };
      return true;
    });
  }

  // The rotation with a fresh key. A grant of the one before may have left for somebody who reads no more.
  #replaceKey(): Promise<VaultContent> {
    const { vault, log } = this.#context;
    return vault.update((content) => {
      if (content.pending.rotation === undefined) return false;
      planRotation(content, log.state.epoch, [], content.pending.rotation.endedFid);
      return true;
    });
  }

  // The other side ended it first: the epoch is due all the same, without the record. Another device may be ending somebody
  // else by now.
  async #dropEnd({ endedFid }: PendingRotation): Promise<void> {
    await this.#context.vault.update(({ pending: { rotation } }) => {
      if (endedFid === undefined || rotation?.endedFid === undefined || !equalBytes(rotation.endedFid, endedFid)) return false;
      delete rotation.endedFid;
      return true;
    });
  }
}

function isSameSet(a: UserId[], b: UserId[]): boolean {
  const inA = new Set(a.map(idKey));
  return a.length === b.length && b.every((id) => inA.has(idKey(id)));
}
