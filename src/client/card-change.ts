import {
  createEntry,
  createEpochPayload,
  generateEntryId,
  generateEpochKey,
  recoveryAuth,
  recoveryVerifierOf,
  verifyReceipt,
  wrapWithPassword,
  wrapWithRecoveryCode,
  type CreatedEntry,
  type PasswordOptions,
} from "../crypto/index.ts";
import { encodeBase64url, encodeEpochPayload, EntryType, EpochReason, equalBytes, idKey, parseBase64url, type EntryHash } from "../protocol/index.ts";
import { wire, type ChainWriter, type Receipts, type Send } from "./chain-writer.ts";
import type { ClientContext } from "./context.ts";
import { ClientError, expectResult, isRefusal } from "./errors.ts";
import { ReplaceCardDocument, RequestLimitsDocument, ViewerStateDocument } from "./generated/graphql.ts";
import { healMissingGrants, newestEpochKey, sealGrants, type EpochKey } from "./granting.ts";
import { createNewCard, type NewCard } from "./new-card.ts";
import { fetchEdges } from "./people.ts";
import { isRecipient } from "./plan-rotation.ts";
import { proveOwnPassword } from "./prove-own-password.ts";
import type { Rotation } from "./rotation.ts";
import { registerPassword } from "./sign-in.ts";
import type { ResealedVault } from "./vault-store.ts";

const MAX_TRIES = 8;
/** Of a grant in a request: base64url, quotes and a comma. */
const GRANT_CHARACTERS = 2_009;
/** What a request holds besides grants and vault: entries, wraps, the text of the mutation. */
const OTHER_CHARACTERS = 65_536;

/** What the relay is told of the new password and code. */
interface NewCredentials {
  registrationRecord: string;
  passwordWrap: string;
  recoveryWrap: string;
  recoveryVerifier: string;
  wrapVersion: number;
}

interface LoginProof {
  loginId: string;
  loginFinish: string;
}

/**
 * Replaces the identity card and all that a leaked password or a stolen device opens, in one mutation (PROTOCOL.md §6
 * "Hard reset"). The new keys exist in this memory alone until the relay stores them under the new master key: whoever
 * holds the old one never sees them.
 */
export class CardChange {
  readonly #context: ClientContext;
  readonly #writer: ChainWriter;
  readonly #rotation: Rotation;
  readonly #passwordOptions: PasswordOptions;
  /** A card that was signed is used again by the next try: a second continuation would be an alarm to friends. */
  #begun: { card: NewCard; newPassword: string } | undefined;

  constructor(parts: { context: ClientContext; writer: ChainWriter; rotation: Rotation; passwordOptions: PasswordOptions }) {
    this.#context = parts.context;
    this.#writer = parts.writer;
    this.#rotation = parts.rotation;
    this.#passwordOptions = parts.passwordOptions;
  }

  /** Answers the new recovery code. Throws ClientError PASSWORD_WRONG, CONFLICT and RelayRefusal WRAP_STALE; nothing has changed then. */
  async run(password: string, newPassword: string): Promise<string> {
    const recoveryCode = await this.#writer.exclusively(() => this.#replace(password, newPassword));
    // All is replaced, and nobody else knows the code: whoever still lacks a grant asks for it.
    await this.#grantTheRest().catch(() => undefined);
    return recoveryCode;
  }

  // Friends for whose grants the mutation had no room. A relay that lacks the same ones again and again is not waited for.
  async #grantTheRest(): Promise<void> {
    for (let round = 0; round < MAX_TRIES && (await healMissingGrants(this.#context)) > 0; round += 1);
  }

  async #replace(password: string, newPassword: string): Promise<string> {
    await this.#writer.settle();
    const settled = this.#takeSettled();
    // The answer to an earlier try was lost, and what it asked for is done.
    if (settled?.newPassword === newPassword) return settled.card.recovery.code;

    const { own, now } = this.#context;
    const { card } = (this.#begun ??= { card: createNewCard(own, now()), newPassword });
    this.#begun.newPassword = newPassword;
    let edges: Set<string> | undefined;
    let proof: LoginProof | undefined = await this.#prove(password);
    const credentials = await this.#credentialsFor(card, newPassword);
    for (let attempt = 0; attempt < MAX_TRIES; attempt += 1) {
      try {
        await this.#rotation.finish();
        proof ??= await this.#prove(password);
        if (await this.#submit(card, credentials, proof, edges)) {
          this.#begun = undefined;
          return card.recovery.code;
        }
      } catch (error) {
        if (isRefusal(error, "VAULT_STALE", "VAULT_INVALID")) await this.#context.vault.reload();
        else if (isRefusal(error, "EPOCH_STALE")) await this.#context.log.catchUp();
        else if (isRefusal(error, "GRANT_INVALID")) edges = await fetchEdges(this.#context.transport);
        else if (isRefusal(error, "LOGIN_EXPIRED")) proof = undefined;
        else throw error;
      }
    }
    throw new ClientError("CONFLICT", "Your other devices kept changing your chain or vault. Nothing was replaced; try again.");
  }

  #takeSettled(): { card: NewCard; newPassword: string } | undefined {
    const begun = this.#begun;
    if (begun === undefined || !equalBytes(begun.card.own.cardHash, this.#context.own.cardHash)) return undefined;
    this.#begun = undefined;
    return begun;
  }

  #prove(password: string): Promise<LoginProof> {
    return proveOwnPassword(this.#context, password, this.#passwordOptions);
  }

  async #credentialsFor({ masterKey, recovery }: NewCard, newPassword: string): Promise<NewCredentials> {
    const { transport, own, vault } = this.#context;
    const { viewer } = await transport.execute(ViewerStateDocument, {});
    const wrapVersion = viewer.wrapVersion + 1;
    const { relayLoginKey } = vault.content.settings;
    const { record, exportKey } = await registerPassword(transport, newPassword, relayLoginKey, this.#passwordOptions);
    return {
      registrationRecord: record,
      passwordWrap: encodeBase64url(wrapWithPassword(exportKey, own.userId, wrapVersion, masterKey)),
      recoveryWrap: encodeBase64url(wrapWithRecoveryCode(recovery.rc, own.userId, wrapVersion, masterKey)),
      recoveryVerifier: encodeBase64url(recoveryVerifierOf(recoveryAuth(recovery.rc))),
      wrapVersion,
    };
  }

  // One try: false when another device's entry took the place.
  async #submit(card: NewCard, credentials: NewCredentials, { loginId, loginFinish }: LoginProof, edges: Set<string> | undefined): Promise<boolean> {
    const { log, transport, vault } = this.#context;
    const heal = this.#writer.healIfDue();
    const firstSeq = log.state.seq + 1;
    const after = heal && { seq: firstSeq, hash: heal.entry.entryHash };
    const epoch = { n: log.state.epoch + 1, key: generateEpochKey() };
    const entries = [...(heal ? [heal.entry] : []), ...(await this.#sign(card, epoch, after))];
    const resealed = this.#reseal(card, epoch, heal?.healed ?? []);
    const grants = await this.#sealGrants(card, epoch, edges, await this.#roomForGrants(resealed));
    const input = { loginId, loginFinish, ...credentials, vault: resealed.input, grants: grants.map(encodeBase64url) };
    const send: Send = (sent) =>
      vault.moveTo(resealed, async () => {
        const { replaceCard } = await transport.execute(ReplaceCardDocument, { input: { ...input, entries: sent.map(wire) } });
        const { receipts } = expectResult(replaceCard, "CardReplaced");
        this.#demandReceipts(sent, receipts, firstSeq);
        Object.assign(this.#context.own, card.own);
        this.#context.keys.addEpochKey(epoch.n, epoch.key);
        return receipts;
      });
    return this.#writer.send(entries, send);
  }

  // The CARD is the last word of the old key, the EPOCH the first of the new one.
  async #sign({ own }: NewCard, { n, key }: EpochKey, after?: { seq: number; hash: EntryHash }): Promise<CreatedEntry[]> {
    const { vault } = this.#context;
    const place = this.#writer.placeAfter(after);
    const cardEntry = this.#writer.sign(place, EntryType.CARD, own.card.bytes);
    const { key: previousKey } = await newestEpochKey(this.#context);
    const epoch = createEpochPayload({ author: own.userId, n, key, previousKey, vaultMin: vault.version + 1, reason: EpochReason.CARD_CHANGED });
    const epochEntry = createEntry({
      ...this.#writer.placeAfter({ seq: place.seq, hash: cardEntry.entryHash }),
      epoch: n,
      signerCard: own.cardHash,
      type: EntryType.EPOCH,
      entryId: generateEntryId(),
      payload: encodeEpochPayload(epoch),
      signer: own.identity,
    });
    return [cardEntry, epochEntry];
  }

  #reseal({ own, masterKey, vaultCard }: NewCard, newestEpoch: EpochKey, healed: EntryHash[]): ResealedVault {
    const { vault } = this.#context;
    const content = structuredClone(vault.content);
    content.identity.cards.push(vaultCard);
    content.settings.newestEpoch = newestEpoch;
    content.pending.abandoned = content.pending.abandoned.slice(healed.length);
    const owner = { userId: own.userId, masterKey, signSecretKey: own.identity.sign.secretKey, publishedCard: own.card.bytes };
    return vault.reseal(owner, content);
  }

  async #sealGrants({ own }: NewCard, epoch: EpochKey, edges: Set<string> | undefined, room: number): Promise<Uint8Array[]> {
    const { vault } = this.#context;
    const recipients = vault.content.friends.friends.filter((friend) => isRecipient(friend) && (edges?.has(idKey(friend.userId)) ?? true));
    return sealGrants({ ...this.#context, own }, epoch, recipients.slice(0, room));
  }

  // How many friends' grants fit into one request of this relay's, beside the vault and the grant to oneself.
  async #roomForGrants({ input }: ResealedVault): Promise<number> {
    const { relay } = await this.#context.transport.execute(RequestLimitsDocument, {});
    const left = relay.limits.maxRequestBytes - JSON.stringify(input).length - OTHER_CHARACTERS;
    return Math.max(0, Math.floor(left / GRANT_CHARACTERS));
  }

  // Nothing of this device changes on a word of the relay's that it did not sign.
  #demandReceipts(entries: CreatedEntry[], receipts: Receipts, firstSeq: number): void {
    const { own, vault } = this.#context;
    const { relayReceiptKey } = vault.content.settings;
    entries.forEach(({ entryHash }, index) => {
      const receipt = parseBase64url(receipts[index]?.bytes ?? "");
      void verifyReceipt(relayReceiptKey, receipt, { author: own.userId, seq: firstSeq + index, entryHash });
    });
  }
}
