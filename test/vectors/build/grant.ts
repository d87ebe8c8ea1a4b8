import { hash, sign } from "../../../src/crypto/index.ts";
import { concatBytes, encodeGrantContext, GrantKind, parseGrant, u8, type EpochPayload, type Grant } from "../../../src/protocol/index.ts";
import { toHex } from "../hex.ts";
import type { InputOf } from "../operations.ts";
import type { Vector } from "../vector.ts";
import { ChainTwin } from "./chain-twin.ts";
import { grantWith, sealedBoxWith, signGrant, type GrantTwin } from "./grant-twin.ts";
import { bytesFor, filled, owner, person, withByte, withNextCard, withPart, type Person } from "./material.ts";
import { Topic } from "./topic.ts";

type Expect = Vector["expect"];
type OpenInput = InputOf<"open-grant">;

const alicesChain = (): ChainTwin => ChainTwin.begin(person("alice"));

/** Alice's newest key for a recipient; changes grant something else. */
function grantTo(recipient: Person, changes: Partial<Omit<GrantTwin, "context">> = {}, context: Partial<GrantTwin["context"]> = {}): Uint8Array {
  const chain = alicesChain();
  const { person: alice, epochs } = chain;
  const kind = context.kind ?? GrantKind.HISTORY;
  return grantWith({
    context: { kind, author: alice.userId, recipient: recipient.userId, n: 0, commitment: epochs[0]!.commitment, authorCardHash: alice.cardHash, ...context },
    key: kind === GrantKind.HISTORY ? chain.key : chain.thoughtKey,
    recipientCard: recipient.card.bytes,
    signSecretKey: alice.identity.sign.secretKey,
    boxSeed: bytesFor("ephemeral"),
    coins: bytesFor("coins"),
    nonce: bytesFor("grant nonce", 24),
    ...changes,
  });
}

export function buildGrants(): Topic {
  const topic = new Topic("grant", "§4");
  addCreation(topic);
  addOpened(topic);
  addFormats(topic);
  addSignatures(topic);
  addMoved(topic);
  addKeys(topic);
  addLayers(topic);
  addOrder(topic);
  return topic;
}

const epochInput = ({ n, commitment, thoughtCommitment }: EpochPayload): OpenInput["epoch"] => ({
  n,
  commitment: toHex(commitment),
  thoughtCommitment: toHex(thoughtCommitment),
});

const recipientInput = ({ userId, cardHash, seeds }: Person): OpenInput["recipient"] => ({
  userId: toHex(userId),
  cardHash: toHex(cardHash),
  boxSeed: toHex(seeds.boxSeed),
  kemSeed: toHex(seeds.kemSeed),
});

/** Vectors in which bob, or whoever is given, opens a grant as one of alice's epoch 0. */
function opener(topic: Topic) {
  const [alice, bob, epoch] = [person("alice"), person("bob"), alicesChain().epochs[0]!];
  const input = { author: owner(alice), epoch: epochInput(epoch), recipient: recipientInput(bob) };
  return (id: string, expect: Expect, description: string, grant: Uint8Array, change: Partial<OpenInput> = {}) =>
    topic.add("open-grant", id, expect, description, { grant: toHex(grant), ...input, ...change });
}

function addCreation(topic: Topic): void {
  const chain = alicesChain();
  const [{ person: alice }, bob] = [chain, person("bob")];
  const given = {
    author: toHex(alice.userId),
    authorCardHash: toHex(alice.cardHash),
    recipient: toHex(bob.userId),
    recipientCard: toHex(bob.card.bytes),
    n: 0,
    commitment: toHex(chain.epochs[0]!.commitment),
    signSeed: toHex(alice.seeds.signSeed),
    boxSeed: toHex(bytesFor("ephemeral")),
    coins: toHex(bytesFor("coins")),
    nonce: toHex(bytesFor("grant nonce", 24)),
  };
  topic.add("create-grant", "create-history", "ok", "a grant of K with everything that is random given", { ...given, kind: GrantKind.HISTORY, key: toHex(chain.key) });
  topic.add("create-grant", "create-epoch-only", "ok", "a grant of T with everything that is random given", { ...given, kind: GrantKind.EPOCH_ONLY, key: toHex(chain.thoughtKey) });
}

function addOpened(topic: Topic): void {
  const [alice, bob] = [person("alice"), person("bob")];
  const open = opener(topic);
  const verify = (id: string, expect: Expect, description: string, grant: Uint8Array, author: Person) =>
    topic.add("verify-grant-signature", `verify-${id}`, expect, description, { author: owner(author), grant: toHex(grant) });
  open("history", "ok", "kind 1 gives K", grantTo(bob));
  open("epoch-only", "ok", "kind 2 gives T", grantTo(bob, {}, { kind: GrantKind.EPOCH_ONLY }));
  open("to-oneself", "ok", "an author grants itself too", grantTo(alice), { recipient: recipientInput(alice) });
  const later = withNextCard(bob, "bob 2");
  open("to-later-card", "ok", "a grant to a continued card", grantTo(later), { recipient: recipientInput(later) });
  verify("signed", "ok", "anybody can verify whose grant it is", grantTo(bob), alice);
  verify("other-author", "bad-author", "another author", grantTo(bob), person("eve"));
  verify("other-card", "bad-card", "another card of the author", grantTo(bob), withNextCard(alice, "alice 2"));
  verify("changed", "bad-sig", "a byte of the sealed key changed", withByte(grantTo(bob), 700), alice);
}

function addFormats(topic: Topic): void {
  const [bob, { secretKey }] = [person("bob"), person("alice").identity.sign];
  const open = opener(topic);
  const grant = grantTo(bob);
  const { context, sealed } = parseGrant(grant);
  open("empty", "bad-length", "no bytes", new Uint8Array());
  open("truncated", "bad-length", "1503 bytes", grant.subarray(0, -1));
  open("longer", "bad-length", "1505 bytes", concatBytes(grant, u8(0)));
  open("suite-1", "unknown-version", "suite 1 all over, well signed: nothing is negotiated down", signGrant(secretKey, withPart(context, 0, u8(1)), withPart(sealed, 0, u8(1))));
  open("suite-3", "unknown-version", "a later suite may have any length", concatBytes(u8(3), filled(90, 1)));
  open("suite-1-context", "unknown-version", "suite 1 in the context alone", signGrant(secretKey, withPart(context, 0, u8(1)), sealed));
  open("suite-1-sealed", "unknown-version", "suite 1 in the sealed part alone", signGrant(secretKey, context, withPart(sealed, 0, u8(1))));
  open("kind-0", "bad-type", "kind 0, well signed", signGrant(secretKey, withPart(context, 1, u8(0)), sealed));
  open("kind-3", "bad-type", "kind 3, well signed", signGrant(secretKey, withPart(context, 1, u8(3)), sealed));
}

function addSignatures(topic: Topic): void {
  const [alice, bob, eve] = [person("alice"), person("bob"), person("eve")];
  const open = opener(topic);
  const grant = grantTo(bob);
  const { context, sealed } = parseGrant(grant);
  const underLabel = (label: "entry" | "req") => concatBytes(context, sealed, sign(alice.identity.sign.secretKey, label, concatBytes(context, hash("grant-blob", sealed))));
  open("changed-context", "bad-sig", "the epoch changed", withByte(grant, 69));
  open("changed-sealed", "bad-sig", "a byte of the sealed key changed", withByte(grant, 700));
  open("changed-signature", "bad-sig", "a bit of the signature changed", withByte(grant, -1));
  open("resigned", "bad-sig", "stripped of its signature and signed by somebody else", signGrant(eve.identity.sign.secretKey, context, sealed));
  open("other-label", "bad-sig", "signed under entry", underLabel("entry"));
  open("blob-unhashed", "bad-sig", "a signature over the sealed part itself instead of its hash", concatBytes(
    context,
    sealed,
    sign(alice.identity.sign.secretKey, "grant", concatBytes(context, sealed)),
  ));
  const evesContext = { author: eve.userId, authorCardHash: eve.cardHash };
  open("other-author", "bad-author", "somebody else's grant of the same key", grantTo(bob, { signSecretKey: eve.identity.sign.secretKey }, evesContext));
  const next = withNextCard(alice, "alice 2");
  open("later-author-card", "bad-card", "a grant by a later card of the author than the pinned one", grantTo(bob, { signSecretKey: next.identity.sign.secretKey }, { authorCardHash: next.cardHash }));
  open("older-author-card", "bad-card", "a grant by an older card of the author than the pinned one", grant, { author: owner(next) });
  open("foreign-author-card", "bad-card", "a grant that names a card of somebody else", grantTo(bob, {}, { authorCardHash: eve.cardHash }));
}

function addMoved(topic: Topic): void {
  const [bob, eve] = [person("bob"), person("eve")];
  const open = opener(topic);
  open("forwarded", "bad-grant", "bob's grant handed to eve", grantTo(bob), { recipient: recipientInput(eve) });
  open("to-another", "bad-grant", "a grant for eve under bob's keys", grantTo(bob, {}, { recipient: eve.userId }));
  const later = withNextCard(bob, "bob 2");
  open("to-older-card", "bad-card", "a grant to bob's first card, tried with the keys of the next", grantTo(bob), { recipient: recipientInput(later) });
  const resealed = (kind: GrantKind) => {
    const { sealed, ...context } = parseGrant(grantTo(bob)) satisfies Grant;
    return signGrant(person("alice").identity.sign.secretKey, encodeGrantContext({ ...context, kind }), sealed);
  };
  open("other-kind", "bad-grant", "the sealed key of kind 1 in a grant of kind 2", resealed(GrantKind.EPOCH_ONLY));
  const stolen = parseGrant(grantTo(bob));
  const context = encodeGrantContext({ ...stolen, author: bob.userId, recipient: eve.userId, authorCardHash: bob.cardHash, recipientCardHash: eve.cardHash });
  open("resold", "bad-grant", "bob signs what alice sealed to him as a grant of his own for eve", signGrant(bob.identity.sign.secretKey, context, stolen.sealed), {
    author: owner(bob),
    recipient: recipientInput(eve),
  });
}

function addKeys(topic: Topic): void {
  const chain = alicesChain();
  const [{ person: alice }, bob] = [chain, person("bob")];
  const open = opener(topic);
  const kind = GrantKind.EPOCH_ONLY;
  const epoch = epochInput(chain.epochs[0]!);
  chain.rotate();
  open("other-epoch", "bad-epoch", "a grant of epoch 1 for epoch 0", grantTo(bob, { key: chain.key }, { n: 1, commitment: chain.epochs[1]!.commitment }));
  open("old-epoch", "bad-epoch", "a grant of epoch 0 for epoch 1", grantTo(bob), { epoch: epochInput(chain.epochs[1]!) });
  open("other-commitment", "bad-commit", "the right key in a grant that commits to something else than the chain", grantTo(bob, {}, { commitment: bytesFor("another commitment") }));
  open("other-chain", "bad-commit", "a chain that commits to something else than the grant", grantTo(bob), { epoch: { ...epoch, commitment: toHex(bytesFor("another commitment")) } });
  open("other-key", "bad-commit", "kind 1 with a key that the epoch does not commit to", grantTo(bob, { key: bytesFor("another key") }));
  open("other-thought-key", "bad-commit", "kind 2 with a key that the epoch does not commit to", grantTo(bob, { key: bytesFor("another key") }, { kind }));
  open("thought-key-as-history", "bad-commit", "kind 1 with T", grantTo(bob, { key: alicesChain().thoughtKey }));
  open("history-key-as-thought", "bad-commit", "kind 2 with K", grantTo(bob, { key: alicesChain().key }, { kind }));
  const twisted = { epoch: { ...epoch, thoughtCommitment: toHex(bytesFor("another commitment")) } };
  open("history-other-thoughts", "bad-commit", "K is the committed one, but T is not: readers of kinds 1 and 2 would read different thoughts", grantTo(bob), twisted);
  open("epoch-only-other-thoughts", "bad-commit", "kind 2 when the epoch commits to another T", grantTo(bob, {}, { kind }), twisted);
  open("other-user", "bad-author", "the right card under another user id", grantTo(bob), { author: { ...owner(alice), userId: toHex(bytesFor("another user")) } });
}

function addLayers(topic: Topic): void {
  const [alice, bob, eve] = [person("alice"), person("bob"), person("eve")];
  const open = opener(topic);
  const { context, sealed } = parseGrant(grantTo(bob));
  const add = (id: string, description: string, grant: Uint8Array, change: Partial<OpenInput> = {}) => open(id, "bad-grant", description, grant, change);
  const resealed = (changed: Uint8Array) => signGrant(alice.identity.sign.secretKey, context, changed);
  add("kem-ciphertext", "the author signs a changed ML-KEM ciphertext", resealed(withByte(sealed, 5)));
  add("seal-version", "the author signs another version of SEAL", resealed(withByte(sealed, 1089, 3)));
  add("seal-nonce", "the author signs a changed nonce", resealed(withByte(sealed, 1091)));
  add("seal-commitment", "the author signs a changed commitment", resealed(withByte(sealed, 1115)));
  add("seal-ciphertext", "the author signs a changed ciphertext", resealed(withByte(sealed, 1150)));
  add("box-other-context", "a sealed box that was made for another grant", grantTo(bob, { content: concatBytes(alicesChain().key, bytesFor("another context")) }));
  add("box-no-context", "a sealed box of the key and zeros", grantTo(bob, { content: concatBytes(alicesChain().key, filled(32, 0)) }));
  add("no-box", "no sealed box in the outer layer", grantTo(bob, { inner: bytesFor("no box", 112) }));
  const content = concatBytes(alicesChain().key, hash("grant-ctx", context));
  add("box-to-another", "a sealed box to somebody else's box key", grantTo(bob, { inner: sealedBoxWith(bytesFor("ephemeral"), content, eve.card.boxPk) }));
  const keysOf = (box: Person, kem: Person) => ({ ...recipientInput(bob), boxSeed: toHex(box.seeds.boxSeed), kemSeed: toHex(kem.seeds.kemSeed) });
  add("without-box-key", "the recipient's kem key alone opens nothing", grantTo(bob), { recipient: keysOf(eve, bob) });
  add("without-kem-key", "the recipient's box key alone opens nothing", grantTo(bob), { recipient: keysOf(bob, eve) });
}

function addOrder(topic: Topic): void {
  const [bob, eve] = [person("bob"), person("eve")];
  const open = opener(topic);
  const broken = withByte(grantTo(bob), -1);
  const other = { ...epochInput(alicesChain().epochs[0]!), n: 1 };
  open("order-recipient-first", "bad-grant", "for somebody else and not signed: for whom it is, is looked at first", broken, { recipient: recipientInput(eve) });
  open("order-signature-next", "bad-sig", "not signed and of another epoch: the signature is looked at first", broken, { epoch: other });
  open("order-card-before-epoch", "bad-card", "to another card and of another epoch: the card is looked at first", grantTo(bob), { recipient: recipientInput(withNextCard(bob, "bob 2")), epoch: other });
  const { context, sealed } = parseGrant(grantTo(bob, {}, { commitment: bytesFor("another commitment") }));
  const resealed = signGrant(person("alice").identity.sign.secretKey, context, withByte(sealed, 1150));
  open("order-commitment-before-opening", "bad-commit", "another commitment and nothing that opens: nothing is opened before the chain agrees", resealed);
}
