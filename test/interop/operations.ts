import { openArchiveHead, openArchivePiece, parseArchivePiece } from "./archive.ts";
import type { Bytes } from "./bytes.ts";
import { createCard, fingerprint, type Owner, parseCard, type Seeds, verifyCard } from "./card.ts";
import { encodeCbor, parseCbor } from "./cbor.ts";
import { followAll, type Head, readChain } from "./chain.ts";
import { pad, parseBase64url, unpad } from "./encodings.ts";
import { createEntry, type EntryFields, parseEntry } from "./entry.ts";
import { type Commitments, epochKeys, parseEpoch, walkBack } from "./epoch.ts";
import { createFriendRequest, type RequestFields, verifyFriendRequest, verifyFriendshipRecord } from "./friendship.ts";
import { createForkProof, createObservation, createReceiptConflict, type ObservationPlace, openObservation, verifyForkProof, verifyReceiptConflict } from "./gossip.ts";
import { createGrant, type GrantFields, openGrant, type Recipient, verifyGrantSignature } from "./grant.ts";
import { createInviteLink, type Invite, parseInviteLink } from "./invite-link.ts";
import { createCheckpoint, leafHashOf, type LogHead, type LogLeaf, nameHashOf, verifyCheckpoint, verifyConsistency, verifyInclusion, verifySplitProof } from "./key-log.ts";
import { createManifest, type ManifestFields, parseManifest, verifyManifest } from "./manifest.ts";
import { joinChain, readOutline, verifyLinkedBackwards, verifySigned } from "./outline.ts";
import { context, deriveKey, hash, open, seal, sign, signPublicKey, verifySignature } from "./primitives.ts";
import { createReceipt, type Place, type Receipt, verifyReceipt } from "./receipt.ts";
import { parseRecoveryCode, recoveryProof, unwrapWithPassword, unwrapWithRecoveryCode } from "./recovery.ts";
import { openThought, parseThought, verifyTombstoneTarget } from "./thought.ts";

import { type ItemNumber, openItem, parseItem } from "./vault-items.ts";
import { openVault } from "./vault.ts";

interface OutlineInput {
  author: Bytes;
  outline: Bytes[];
}

interface Person {
  userId: Bytes;
  cardHash: Bytes;
}

const sayHead = ({ seq, hash: headHash, epoch, card, commitment, isAfterCard }: Head): object => ({
  ...{ seq, headHash, epoch, cardHash: card?.hash, commitment },
  pendingReason2: isAfterCard && seq > 0,
});

const sayPlace = ({ seq, hash: entryHash }: { seq: number; hash: Bytes }) => ({ seq, entryHash });

/** What test/vectors/README.md calls the operations, answered by this reader. */
export const operations = {
  domain: ({ label }: { label: string }) => ({ context: context(label) }),
  hash: ({ label, parts }: { label: string; parts: Bytes[] }) => ({ digest: hash(label, ...parts) }),
  "derive-key": (input: { key: Bytes; label: string; context: Bytes[] }) => ({ derived: deriveKey(input.key, input.label, ...input.context) }),
  sign: ({ seed, label, message }: { seed: Bytes; label: string; message: Bytes }) => ({ publicKey: signPublicKey(seed), signature: sign(seed, label, message) }),
  "verify-signature": (input: { publicKey: Bytes; label: string; message: Bytes; signature: Bytes }) => {
    verifySignature(input.publicKey, input.label, input.message, input.signature);
    return {};
  },
  seal: (input: { key: Bytes; label: string; ad: Bytes; nonce: Bytes; plaintext: Bytes }) => ({
    sealed: seal(input.key, input.label, input.ad, input.nonce, input.plaintext),
  }),
  open: ({ key, label, ad, sealed }: { key: Bytes; label: string; ad: Bytes; sealed: Bytes }) => ({ plaintext: open(key, label, ad, sealed) }),
  pad: ({ content }: { content: Bytes }) => ({ padded: pad(content) }),
  unpad: ({ padded }: { padded: Bytes }) => ({ content: unpad(padded) }),
  "parse-base64url": ({ text }: { text: string }) => ({ bytes: parseBase64url(text) }),
  "parse-cbor": ({ bytes, maxBytes }: { bytes: Bytes; maxBytes: number }) => ({ again: encodeCbor(parseCbor(bytes, maxBytes)) }),

  "create-first-card": ({ createdMs, ...seeds }: Seeds & { createdMs: number }) => {
    const card = createCard(seeds, createdMs);
    return { card: card.bytes, userId: card.bodyHash, cardHash: card.hash };
  },
  "create-next-card": ({ createdMs, previous, ...seeds }: Seeds & { createdMs: number; previous: Seeds & { card: Bytes } }) => {
    const card = createCard(seeds, createdMs, { card: parseCard(previous.card), signSeed: previous.signSeed });
    return { card: card.bytes, cardHash: card.hash };
  },
  "verify-card": (input: { card: Bytes; previous?: Bytes }) => {
    const { cardVersion, createdMs, hash: cardHash, bodyHash } = verifyCard(input.card, input.previous && parseCard(input.previous));
    return { cardVersion, createdMs, cardHash, ...(cardVersion === 1 && { userId: bodyHash }) };
  },
  fingerprint: ({ userId, cardHash }: Person) => ({ digits: fingerprint(userId, cardHash) }),
  "safety-number": ({ a, b }: { a: Person; b: Person }) => ({ digits: [a, b].map((person) => fingerprint(person.userId, person.cardHash)).sort().join(" ") }),

  "create-invite-link": (invite: Invite) => ({ link: createInviteLink(invite) }),
  "parse-invite-link": ({ link }: { link: string }) => parseInviteLink(link),

  "create-entry": ({ signSeed, ...fields }: EntryFields & { signSeed: Bytes }) => {
    const entry = createEntry(signSeed, fields);
    return { entry, entryHash: parseEntry(entry).hash };
  },
  "read-chain": ({ author, entries }: { author: Bytes; entries: Bytes[] }) => sayHead(readChain(author, entries)),
  "read-outline": (input: { author: Bytes; entries: Bytes[] }) => {
    const { entries } = readOutline(input.author, input.entries);
    const [cards, epochs] = [0, 1].map((type) => entries.filter((entry) => entry.type === type));
    return { cards: cards?.map(sayPlace), epochs: epochs?.map((entry) => ({ ...sayPlace(entry), n: entry.epoch })) };
  },
  "verify-signed": ({ author, outline, entry }: OutlineInput & { entry: Bytes }) => ({ entryHash: verifySigned(readOutline(author, outline), entry).hash }),
  "verify-linked-backwards": ({ author, outline, newer, older }: OutlineInput & { newer: Bytes; older: Bytes }) => ({
    entryHash: verifyLinkedBackwards(readOutline(author, outline), parseEntry(newer), older).hash,
  }),
  "join-chain": ({ author, outline, head, next }: OutlineInput & { head: Bytes; next: Bytes[] }) =>
    sayHead(followAll(joinChain(readOutline(author, outline), head), next)),
  "verify-tombstone-target": ({ tombstone, target }: { tombstone: Bytes; target: Bytes }) => {
    verifyTombstoneTarget(parseEntry(tombstone), parseEntry(target));
    return {};
  },

  "epoch-keys": ({ key, author, n }: { key: Bytes; author: Bytes; n: number }) => epochKeys(key, author, n),
  "parse-epoch": ({ payload }: { payload: Bytes }) => {
    const { n, vaultMin, reason } = parseEpoch(payload);
    return { n, vaultMin, reason };
  },
  "walk-back": ({ author, key, payloads }: { author: Bytes; key: Bytes; payloads: Bytes[] }) => ({ keys: walkBack(author, key, payloads) }),
  "open-thought": ({ thoughtKey, entry }: { thoughtKey: Bytes; entry: Bytes }) => ({ body: openThought(thoughtKey, parseEntry(entry)) }),
  "parse-thought": ({ body }: { body: Bytes }) => ({ body: parseThought(body) }),
  "create-receipt": ({ seed, ...receipt }: Receipt & { seed: Bytes }) => ({ publicKey: signPublicKey(seed), receipt: createReceipt(seed, receipt) }),
  "verify-receipt": ({ relayKey, receipt, entry }: { relayKey: Bytes; receipt: Bytes; entry?: Place }) => {
    const { seq, relayMs } = verifyReceipt(relayKey, receipt, entry);
    return { seq, relayMs };
  },

  "create-observation": ({ nonce, seq, hash: head, ...place }: ObservationPlace & { nonce: Bytes; seq: number; hash: Bytes }) => ({
    observation: createObservation(place, nonce, seq, head),
  }),
  "open-observation": ({ observation, ...place }: ObservationPlace & { observation: Bytes }) => openObservation(place, observation),
  "create-fork-proof": ({ cards, a, b }: { cards: Bytes[]; a: Bytes; b: Bytes }) => ({ proof: createForkProof(cards, a, b) }),
  "verify-fork-proof": ({ proof }: { proof: Bytes }) => verifyForkProof(proof),
  "create-receipt-conflict": ({ relayKey, a, b }: { relayKey: Bytes; a: Bytes; b: Bytes }) => ({ conflict: createReceiptConflict(relayKey, a, b) }),
  "verify-receipt-conflict": ({ relayKey, conflict }: { relayKey: Bytes; conflict: Bytes }) => {
    const { author, seq } = verifyReceiptConflict(relayKey, conflict);
    return { author, seq };
  },

  "create-grant": (fields: GrantFields) => ({ grant: createGrant(fields) }),
  "verify-grant-signature": ({ author, grant }: { author: Owner; grant: Bytes }) => {
    const { kind, n, recipient } = verifyGrantSignature(author, grant);
    return { kind, n, recipient };
  },
  "open-grant": ({ grant, author, epoch, recipient }: { grant: Bytes; author: Owner; epoch: Commitments; recipient: Recipient }) =>
    openGrant(grant, author, epoch, recipient),

  "create-friend-request": ({ signSeed, ...fields }: RequestFields & { signSeed: Bytes }) => ({ record: createFriendRequest(signSeed, fields) }),
  "verify-friend-request": ({ from, record }: { from: Owner; record: Bytes }) => {
    const { fid, to, createdMs, expiresMs } = verifyFriendRequest(from, record);
    return { fid, to, createdMs, expiresMs };
  },
  "verify-friendship-record": ({ signer, record, request }: { signer: Owner; record: Bytes; request?: Bytes }) => verifyFriendshipRecord(signer, record, request),

  "create-manifest": ({ signSeed, ...fields }: ManifestFields & { signSeed: Bytes }) => {
    const manifest = createManifest(signSeed, fields);
    return { manifest, manifestHash: parseManifest(manifest).hash };
  },
  "verify-manifest": (input: { owner: Owner; manifest: Bytes }) => {
    const { vaultVersion, hash: manifestHash } = verifyManifest(input.owner, input.manifest);
    return { vaultVersion, manifestHash };
  },
  "open-vault-item": (input: { masterKey: Bytes; userId: Bytes; itemVersion: number; item: number; sealed: Bytes }) => ({
    content: openItem(input.masterKey, input.userId, input.itemVersion, input.item, input.sealed),
  }),
  "parse-vault-item": ({ item, content }: { item: ItemNumber; content: Bytes }) => ({ value: parseItem(item, content) }),
  "open-vault": openVault,

  "log-leaf": ({ username, userId, cardHash }: Person & { username: string }) => {
    const nameHash = nameHashOf(username);
    return { nameHash, leafHash: leafHashOf({ nameHash, userId, cardHash }) };
  },
  "create-checkpoint": ({ seed, ...checkpoint }: LogHead & { seed: Bytes; relayMs: number }) => ({ publicKey: signPublicKey(seed), checkpoint: createCheckpoint(seed, checkpoint) }),
  "verify-checkpoint": ({ relayKey, checkpoint }: { relayKey: Bytes; checkpoint: Bytes }) => verifyCheckpoint(relayKey, checkpoint),
  "verify-inclusion": ({ leaf, index, path, ...head }: LogHead & { leaf: LogLeaf; index: number; path: Bytes[] }) => {
    verifyInclusion(head, leaf, index, path);
    return {};
  },
  "verify-consistency": ({ older, newer, path }: { older: LogHead; newer: LogHead; path: Bytes[] }) => {
    verifyConsistency(older, newer, path);
    return {};
  },
  "verify-split-proof": ({ relayKey, proof }: { relayKey: Bytes; proof: Bytes }) => {
    const { older, newer } = verifySplitProof(relayKey, proof);
    return { sizes: [older.size, newer.size] };
  },

  "parse-recovery-code": ({ code }: { code: string }) => {
    const rc = parseRecoveryCode(code);
    return { rc, ...recoveryProof(rc) };
  },
  "open-archive-head": ({ passwordKey, head }: { passwordKey: Bytes; head: Bytes }) => openArchiveHead(passwordKey, head),
  "open-archive-piece": ({ archiveKey, sealed, ...place }: { archiveKey: Bytes; sealed: Bytes; id: Bytes; index: number; isLast: boolean }) => ({ piece: openArchivePiece(archiveKey, place, sealed) }),
  "parse-archive-piece": ({ content }: { content: Bytes }) => ({ piece: parseArchivePiece(content) }),

  "unwrap-with-password": (input: { exportKey: Bytes; userId: Bytes; wrapVersion: number; wrap: Bytes }) => ({
    masterKey: unwrapWithPassword(input.exportKey, input.userId, input.wrapVersion, input.wrap),
  }),
  "unwrap-with-recovery-code": (input: { code: string; userId: Bytes; wrapVersion: number; wrap: Bytes }) => ({
    masterKey: unwrapWithRecoveryCode(input.code, input.userId, input.wrapVersion, input.wrap),
  }),
};
