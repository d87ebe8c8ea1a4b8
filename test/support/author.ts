import {
  createAccept,
  createCancel,
  createConfirm,
  createDecline,
  createEntry,
  createEpochPayload,
  createFriendRequest,
  createGrant,
  createNextCard,
  createThoughtEntry,
  createUnfriend,
  deriveIdentity,
  deriveThoughtKey,
  friendshipIdOf,
  generateBytes,
  generateIdentitySeeds,
} from "../../src/crypto/index.ts";
import type { EntryRecord, FriendshipRecordRow } from "../../src/domain/ports/index.ts";
import type { Viewer } from "../../src/domain/viewer.ts";
import {
  encodeEpochPayload,
  encodeTombstonePayload,
  EntryType,
  EpochReason,
  type FriendRequestFields,
  type FriendshipRecordFields,
  GrantKind,
  KEY_BYTES,
  parseFriendRequest,
} from "../../src/protocol/index.ts";
import { type Person, register } from "./person.ts";
import type { TestRelay } from "./test-relay.ts";

type Place = Partial<{ seq: number; prev: Uint8Array; epoch: number; entryId: Uint8Array; signerCard: Uint8Array; author: Uint8Array }>;

/** An entry that was signed and maybe not stored. */
export interface Signed {
  bytes: Uint8Array;
  entryHash: Uint8Array;
  seq: number;
}

export interface Rotation {
  epoch: Signed;
  n: number;
  key: Uint8Array;
  commitment: Uint8Array;
  grants: Uint8Array[];
}

type RecordChange = Partial<Omit<FriendshipRecordFields, "type">>;

/**
 * A registered person who signs by hand what a client would sign. What is signed follows `head`, which moves by `moveTo`
 * alone: so a test can sign two entries for one place.
 */
export class Author {
  readonly relay: TestRelay;
  person: Person;
  readonly viewer: Viewer;
  head: { seq: number; hash: Uint8Array };
  epoch = 0;
  key: Uint8Array;
  commitment: Uint8Array;
  vaultVersion = 1;

  constructor(relay: TestRelay, person: Person & { viewer: Viewer }) {
    this.relay = relay;
    this.person = person;
    this.viewer = person.viewer;
    this.head = person.head;
    this.key = person.epochKey;
    this.commitment = person.epochCommitment;
  }

  get userId(): Uint8Array {
    return this.person.userId;
  }

  // --- entries ---------------------------------------------------------------------------------

  sign(type: EntryType, payload: Uint8Array, place: Place = {}): Signed {
    const pre = this.#place(place);
    return { ...createEntry({ ...pre, type, signerCard: place.signerCard ?? this.person.cardHash, signer: this.person.identity, payload }), seq: pre.seq };
  }

  thought(text: string, place: Place = {}): Signed {
    const pre = this.#place(place);
    const thoughtKey = deriveThoughtKey(this.key, this.userId, this.epoch);
    const { identity, cardHash } = this.person;
    return { ...createThoughtEntry({ ...pre, identity, cardHash: place.signerCard ?? cardHash, thoughtKey, body: { v: 1, t: text } }), seq: pre.seq };
  }

  tombstone(target: Uint8Array, place: Place = {}): Signed {
    return this.sign(EntryType.TOMBSTONE, encodeTombstonePayload(target), place);
  }

  /** The next epoch, with grants to oneself and the given people. */
  rotation(recipients: Author[] = [], change: { vaultMin?: number; reason?: EpochReason; place?: Place } = {}): Rotation {
    const n = this.epoch + 1;
    const key = generateBytes(KEY_BYTES);
    const { vaultMin = this.vaultVersion, reason = EpochReason.ANY } = change;
    const payload = createEpochPayload({ author: this.userId, n, key, previousKey: this.key, vaultMin, reason });
    const epoch = this.sign(EntryType.EPOCH, encodeEpochPayload(payload), { epoch: n, ...change.place });
    const { commitment } = payload;
    return { epoch, n, key, commitment, grants: [this, ...recipients].map((one) => this.grant(one, { n, key, commitment })) };
  }

  grant(recipient: Author, { kind = GrantKind.HISTORY, n = this.epoch, key = this.key, commitment = this.commitment }: Partial<{ kind: GrantKind; n: number; key: Uint8Array; commitment: Uint8Array }> = {}): Uint8Array {
    return createGrant({
      kind,
      key: kind === GrantKind.HISTORY ? key : deriveThoughtKey(key, this.userId, n),
      author: this.userId,
      authorCardHash: this.person.cardHash,
      signSecretKey: this.person.identity.sign.secretKey,
      recipientUserId: recipient.userId,
      recipientCard: recipient.person.card,
      n,
      commitment,
    });
  }

  /** New keys: the CARD that the old ones sign and the EPOCH that the new ones sign. `adopt` makes them this person's. */
  cardChange(recipients: Author[] = []): { card: Signed; rotation: Rotation; renewed: Person; adopt: () => void } {
    const identity = deriveIdentity(generateIdentitySeeds());
    const next = createNextCard(identity, this.person.identity, this.person.card, this.relay.clock.ms);
    const card = this.sign(EntryType.CARD, next.card.bytes);
    const renewed = this.clone();
    renewed.person = { ...this.person, identity, ...next };
    renewed.moveTo(card);
    renewed.vaultVersion = this.vaultVersion + 1;
    const rotation = renewed.rotation(recipients.map((one) => (one === this ? renewed : one)), { reason: EpochReason.CARD_CHANGED });
    const adopt = (): void => {
      this.person = renewed.person;
      this.vaultVersion = renewed.vaultVersion;
      this.adopt(rotation);
    };
    return { card, rotation, renewed: renewed.person, adopt };
  }

  /** The stored head is this entry now. */
  moveTo({ seq, entryHash }: Signed): void {
    this.head = { seq, hash: entryHash };
  }

  /** The rotation is stored. */
  adopt({ epoch, n, key, commitment }: Rotation): void {
    Object.assign(this, { epoch: n, key, commitment });
    this.moveTo(epoch);
  }

  /** The same person at another device, which knows what this one knows now. */
  clone(): Author {
    const { head, epoch, key, commitment, vaultVersion } = this;
    return Object.assign(new Author(this.relay, { ...this.person, viewer: this.viewer }), { head, epoch, key, commitment, vaultVersion });
  }

  async write(text: string): Promise<EntryRecord> {
    const signed = this.thought(text);
    const record = await this.relay.services.thoughts.create(this.viewer, signed.bytes);
    this.moveTo(signed);
    return record;
  }

  async rotate(recipients: Author[] = []): Promise<Rotation> {
    const rotation = this.rotation(recipients);
    await this.relay.services.chains.append(this.viewer, [rotation.epoch.bytes], rotation.grants);
    this.adopt(rotation);
    return rotation;
  }

  // --- friendships -----------------------------------------------------------------------------

  requestRecord(to: Author, change: Partial<FriendRequestFields> = {}): Uint8Array {
    return createFriendRequest({
      from: this.userId,
      to: to.userId,
      fromCardHash: this.person.cardHash,
      toCardHash: to.person.cardHash,
      requestId: generateBytes(16),
      createdMs: this.relay.clock.ms,
      expiresMs: this.relay.clock.ms + 86_400_000,
      signSecretKey: this.person.identity.sign.secretKey,
      ...change,
    });
  }

  acceptRecord(fid: Uint8Array, peer: Author, change: RecordChange = {}): Uint8Array {
    return createAccept(this.#record(fid, peer, change));
  }

  confirmRecord(fid: Uint8Array, peer: Author, change: RecordChange = {}): Uint8Array {
    return createConfirm(this.#record(fid, peer, change));
  }

  declineRecord(fid: Uint8Array, peer: Author, change: RecordChange = {}): Uint8Array {
    return createDecline(this.#record(fid, peer, change));
  }

  cancelRecord(fid: Uint8Array, peer: Author, change: RecordChange = {}): Uint8Array {
    return createCancel(this.#record(fid, peer, change));
  }

  unfriendRecord(fid: Uint8Array, peer: Author, change: RecordChange = {}): Uint8Array {
    return createUnfriend(this.#record(fid, peer, change));
  }


  request(to: Author): Promise<FriendshipRecordRow> {
    return this.relay.services.friendships.request(this.viewer, this.requestRecord(to));
  }

  accept(fid: Uint8Array, requester: Author): Promise<FriendshipRecordRow> {
    return this.relay.services.friendships.accept(this.viewer, this.acceptRecord(fid, requester), this.grant(requester));
  }

  confirm(fid: Uint8Array, accepter: Author): Promise<FriendshipRecordRow> {
    return this.relay.services.friendships.confirm(this.viewer, this.confirmRecord(fid, accepter), this.grant(accepter));
  }

  /** Ends a friendship with a rotation for those who remain. */
  async unfriend(fid: Uint8Array, peer: Author, remaining: Author[] = []): Promise<FriendshipRecordRow> {
    const rotation = this.rotation(remaining);
    const input = { record: this.unfriendRecord(fid, peer), entries: [rotation.epoch.bytes], grants: rotation.grants };
    const { friendship } = await this.relay.services.friendships.end(this.viewer, input);
    this.adopt(rotation);
    return friendship;
  }

  #place(place: Place) {
    const { seq = this.head.seq + 1, prev = this.head.hash, epoch = this.epoch, entryId = generateBytes(16), author = this.userId } = place;
    return { seq, prev, epoch, entryId, author, timeMs: this.relay.clock.ms };
  }

  #record(fid: Uint8Array, peer: Author, change: RecordChange) {
    return {
      fid,
      signer: this.userId,
      signerCardHash: this.person.cardHash,
      peer: peer.userId,
      peerCardHash: peer.person.cardHash,
      signSecretKey: this.person.identity.sign.secretKey,
      ...change,
    };
  }
}

/** Somebody new on this relay. */
export async function createAuthor(relay: TestRelay): Promise<Author> {
  return new Author(relay, await register(relay));
}

/** Takes two people from strangers to friends. Returns the friendship's id. */
export async function befriend(requester: Author, accepter: Author): Promise<Uint8Array> {
  const { id } = await requester.request(accepter);
  await accepter.accept(id, requester);
  await requester.confirm(id, accepter);
  return id;
}

/** The id of the friendship that a request asks for. */
export function fidOf(record: Uint8Array): Uint8Array {
  return friendshipIdOf(parseFriendRequest(record));
}
