import {
  createFriendRequest,
  demandAnswerTo,
  friendshipIdOf,
  openGrant,
  verifyFriendRequest,
  verifyFriendshipRecord,
  verifyGrantSignature,
  verifyReceipt,
} from "../../../src/crypto/index.ts";
import { createReceipt, deriveReceiptKey } from "../../../src/crypto/relay/index.ts";
import { sodium } from "../../../src/crypto/sodium.ts";
import { parseFriendRequest, type GrantKind } from "../../../src/protocol/index.ts";
import { grantWith } from "../build/grant-twin.ts";
import { fromHex, type Hex } from "../hex.ts";
import { identityOf, ownerOf, type OwnerInput } from "./identity.ts";

interface RequestInput {
  from: Hex;
  to: Hex;
  fromCardHash: Hex;
  toCardHash: Hex;
  requestId: Hex;
  createdMs: number;
  expiresMs: number;
}

interface ReceiptInput {
  entryHash: Hex;
  author: Hex;
  seq: number;
}

interface GrantInput {
  kind: GrantKind;
  key: Hex;
  author: Hex;
  authorCardHash: Hex;
  recipient: Hex;
  recipientCard: Hex;
  n: number;
  commitment: Hex;
  signSeed: Hex;
  /** What is random elsewhere: the ephemeral key of the sealed box, ML-KEM's coins and SEAL's nonce. */
  boxSeed: Hex;
  coins: Hex;
  nonce: Hex;
}

const receiptOf = ({ entryHash, author, seq }: ReceiptInput) => ({ entryHash: fromHex(entryHash), author: fromHex(author), seq });

/** What PROTOCOL.md §3 (receipts), §4 and §5 define. */
export const friendship = {
  "create-receipt": ({ seed, relayMs, ...receipt }: ReceiptInput & { seed: Hex; relayMs: number }) => {
    const { publicKey, secretKey } = deriveReceiptKey(fromHex(seed));
    return { publicKey, receipt: createReceipt(secretKey, { ...receiptOf(receipt), relayMs }) };
  },

  "verify-receipt": ({ relayKey, receipt, entry }: { relayKey: Hex; receipt: Hex; entry?: ReceiptInput }) => {
    const { seq, relayMs } = verifyReceipt(fromHex(relayKey), fromHex(receipt), entry && receiptOf(entry));
    return { seq, relayMs };
  },

  "create-grant": ({ kind, n, ...input }: GrantInput) => {
    const { key, author, authorCardHash, recipient, recipientCard, commitment, signSeed, boxSeed, coins, nonce } = input;
    const grant = grantWith({
      context: { kind, n, author: fromHex(author), recipient: fromHex(recipient), commitment: fromHex(commitment), authorCardHash: fromHex(authorCardHash) },
      key: fromHex(key),
      recipientCard: fromHex(recipientCard),
      signSecretKey: sodium.crypto_sign_seed_keypair(fromHex(signSeed)).privateKey,
      boxSeed: fromHex(boxSeed),
      coins: fromHex(coins),
      nonce: fromHex(nonce),
    });
    return { grant };
  },

  "verify-grant-signature": ({ author, grant }: { author: OwnerInput; grant: Hex }) => {
    const { kind, n, recipient } = verifyGrantSignature(ownerOf(author), fromHex(grant));
    return { kind, n, recipient };
  },

  "open-grant": ({ grant, author, epoch, recipient }: {
    grant: Hex;
    author: OwnerInput;
    epoch: { n: number; commitment: Hex; thoughtCommitment: Hex };
    recipient: { userId: Hex; cardHash: Hex; boxSeed: Hex; kemSeed: Hex };
  }) => {
    const { n, commitment, thoughtCommitment } = epoch;
    const { userId, cardHash, boxSeed, kemSeed } = recipient;
    return openGrant({
      grantBytes: fromHex(grant),
      author: ownerOf(author),
      epoch: { n, commitment: fromHex(commitment), thoughtCommitment: fromHex(thoughtCommitment) },
      // A grant is opened with the box and kem keys; the signing key takes no part.
      recipient: { userId: fromHex(userId), cardHash: fromHex(cardHash), identity: identityOf({ signSeed: "00".repeat(32), boxSeed, kemSeed }) },
    });
  },

  "create-friend-request": ({ signSeed, requestId, from, to, fromCardHash, toCardHash, ...times }: RequestInput & { signSeed: Hex }) => ({
    record: createFriendRequest({
      ...times,
      from: fromHex(from),
      to: fromHex(to),
      fromCardHash: fromHex(fromCardHash),
      toCardHash: fromHex(toCardHash),
      requestId: fromHex(requestId),
      signSecretKey: sodium.crypto_sign_seed_keypair(fromHex(signSeed)).privateKey,
    }),
  }),

  "verify-friend-request": ({ from, record }: { from: OwnerInput; record: Hex }) => {
    const request = verifyFriendRequest(ownerOf(from), fromHex(record));
    return { fid: friendshipIdOf(request), to: request.to, createdMs: request.createdMs, expiresMs: request.expiresMs };
  },

  "verify-friendship-record": ({ signer, record, request }: { signer: OwnerInput; record: Hex; request?: Hex }) => {
    const verified = verifyFriendshipRecord(ownerOf(signer), fromHex(record));
    if (request !== undefined) demandAnswerTo(parseFriendRequest(fromHex(request)), verified);
    return { type: verified.type, fid: verified.fid };
  },
};
