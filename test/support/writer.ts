import { createEntry, createEpochPayload, createGrant, createThoughtEntry, deriveThoughtKey, generateBytes } from "../../src/crypto/index.ts";
import { encodeBase64url, encodeEpochPayload, EntryType, EpochReason, GrantKind, KEY_BYTES } from "../../src/protocol/index.ts";
import { type Answer, ask } from "./graphql.ts";
import type { RegisteredPerson } from "./registered.ts";

/** An entry that was signed and maybe not stored, and what holds once it is. */
export interface SignedStep {
  seq: number;
  query: string;
  input: Record<string, unknown>;
  next: { seq: number; hash: Uint8Array; epoch: number; key: Uint8Array };
}


const CREATE = "mutation ($input: CreateThoughtInput!) { createThought(input: $input) { __typename ... on ThoughtCreated { receipt { bytes } } ... on Refusal { code } } }";
const APPEND = "mutation ($input: AppendEntriesInput!) { appendEntries(input: $input) { __typename ... on EntriesAppended { receipts { bytes } } ... on Refusal { code } } }";

/** One device that writes over the wire. It moves on when the relay says that an entry is stored. */
export class Writer {
  readonly person: RegisteredPerson;
  #place: SignedStep["next"];

  constructor(person: RegisteredPerson) {
    this.person = person;
    this.#place = { ...person.head, epoch: 0, key: person.epochKey };
  }

  /** The place of the newest entry that is stored. */
  get seq(): number {
    return this.#place.seq;
  }

  thought(text: string): SignedStep {
    const { identity, cardHash, userId } = this.person;
    const { epoch, key } = this.#place;
    const thoughtKey = deriveThoughtKey(key, userId, epoch);
    const { bytes, entryHash } = createThoughtEntry({ ...this.#nextPlace(epoch), identity, cardHash, thoughtKey, body: { v: 1, t: text } });
    const seq = this.seq + 1;
    return { seq, query: CREATE, input: { entry: encodeBase64url(bytes) }, next: { seq, hash: entryHash, epoch, key } };
  }

  /** The next epoch, with its grant to oneself. */
  rotation(): SignedStep {
    const { identity, cardHash, userId, card } = this.person;
    const n = this.#place.epoch + 1;
    const key = generateBytes(KEY_BYTES);
    const payload = createEpochPayload({ author: userId, n, key, previousKey: this.#place.key, vaultMin: 1, reason: EpochReason.ANY });
    const { bytes, entryHash } = createEntry({ ...this.#nextPlace(n), type: EntryType.EPOCH, signer: identity, signerCard: cardHash, payload: encodeEpochPayload(payload) });
    const grant = createGrant({
      kind: GrantKind.HISTORY, key, n, author: userId, authorCardHash: cardHash, signSecretKey: identity.sign.secretKey,
      recipientUserId: userId, recipientCard: card, commitment: payload.commitment,
    });
    const seq = this.seq + 1;
    return { seq, query: APPEND, input: { entries: [encodeBase64url(bytes)], grants: [encodeBase64url(grant)] }, next: { seq, hash: entryHash, epoch: n, key } };
  }

  /** Sends a step, which may be one that was sent before. Returns its receipt once it is stored. */
  async send(relay: { url: string }, { query, input, next }: SignedStep): Promise<{ receipt: string | undefined; answer: Answer }> {
    const answer = await ask(relay, { query, variables: { input }, token: this.person.token });
    const { createThought, appendEntries } = answer.data ?? {};
    const receipt: string | undefined = createThought?.receipt?.bytes ?? appendEntries?.receipts?.[0]?.bytes;
    if (receipt !== undefined) this.#place = next;
    return { receipt, answer };
  }

  #nextPlace(epoch: number) {
    const { seq, hash } = this.#place;
    return { author: this.person.userId, seq: seq + 1, prev: hash, epoch, timeMs: 1_800_000_000_000, entryId: generateBytes(16) };
  }
}
