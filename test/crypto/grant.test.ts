import { beforeAll, describe, expect, it } from "vitest";
import { deriveThoughtKey, generateEpochKey, hash, openGrant, ready, seal, sign, verifyGrantSignature } from "../../src/crypto/index.ts";
import { deriveKey } from "../../src/crypto/kdf.ts";
import { sodium } from "../../src/crypto/sodium.ts";
import {
  concatBytes,
  encodeGrantContext,
  GrantKind,
  parseCard,
  parseGrant,
  u8,
  type GrantContext,
} from "../../src/protocol/index.ts";
import { filled, withByte } from "./support/bytes.ts";
import { ChainWriter } from "./support/chain-writer.ts";
import { createPerson, withNextCard, type Person } from "./support/person.ts";
import { expectRefusal } from "./support/refusal.ts";
import { grantTo } from "./support/samples.ts";

beforeAll(ready);

function begin() {
  const [alice, bob] = [createPerson(), createPerson()];
  const chain = ChainWriter.begin(alice);
  const epoch = chain.epochs[0]!;
  const open = (grantBytes: Uint8Array, recipient: Person = bob) => openGrant({ grantBytes, recipient, author: alice, epoch });
  return { alice, bob, chain, epoch, open };
}

/** Makes any bytes after the context a grant that its author signs. */
function signSealed(author: Person, context: Uint8Array, sealed: Uint8Array): Uint8Array {
  const signature = sign(author.identity.sign.secretKey, "grant", concatBytes(context, hash("grant-blob", sealed)));
  return concatBytes(context, sealed, signature);
}

/** A grant whose author puts into the layers what it likes. */
function craft(author: Person, recipient: Person, context: GrantContext, layers: { content?: Uint8Array; inner?: Uint8Array }) {
  const contextBytes = encodeGrantContext(context);
  const content = layers.content ?? concatBytes(filled(32, 1), hash("grant-ctx", contextBytes));
  const inner = layers.inner ?? sodium.crypto_box_seal(content, recipient.card.boxPk);
  const { ciphertext, sharedSecret } = sodium.crypto_kem_mlkem768_enc(recipient.card.kemPk);
  const outerKey = deriveKey(sharedSecret, "grant-kem", ciphertext, recipient.card.kemPk, contextBytes);
  return signSealed(author, contextBytes, concatBytes(u8(2), ciphertext, seal(outerKey, "grant", contextBytes, inner)));
}

describe("a grant", () => {
  it("gives the recipient the epoch's key", () => {
    const { chain, bob, open } = begin();
    expect(open(grantTo(chain, bob))).toStrictEqual({ kind: GrantKind.HISTORY, n: 0, key: chain.key });
  });

  it("of kind 2 gives the thoughts of one epoch and no key to another", () => {
    const { alice, chain, bob, open } = begin();
    const opened = open(grantTo(chain, bob, { kind: GrantKind.EPOCH_ONLY }));
    expect(opened).toStrictEqual({ kind: GrantKind.EPOCH_ONLY, n: 0, key: deriveThoughtKey(chain.key, alice.userId, 0) });
  });

  it("has the layers of the protocol", () => {
    const { alice, bob, chain, epoch, open } = begin();
    const context: GrantContext = {
      kind: 1,
      author: alice.userId,
      recipient: bob.userId,
      n: 0,
      commitment: epoch.commitment,
      authorCardHash: alice.cardHash,
      recipientCardHash: bob.cardHash,
    };
    const content = concatBytes(chain.key, hash("grant-ctx", encodeGrantContext(context)));
    expect(open(craft(alice, bob, context, { content })).key).toStrictEqual(chain.key);
  });

  it("can be given to oneself, and to an earlier card whose keys were kept", () => {
    const { alice, bob, chain, open } = begin();
    expect(open(grantTo(chain, alice), alice).key).toStrictEqual(chain.key);
    const older = grantTo(chain, bob);
    expectRefusal("bad-card", () => open(older, withNextCard(bob)));
    expect(open(older, bob).key).toStrictEqual(chain.key);
  });

  it("is verified by anybody and opened by nobody else", () => {
    const { alice, bob, chain, open } = begin();
    const grant = grantTo(chain, bob);
    expect(verifyGrantSignature(alice, grant).recipient).toStrictEqual(bob.userId);
    const eve = createPerson();
    expectRefusal("bad-grant", () => open(grant, eve));
    expectRefusal("bad-grant", () => open(grant, { ...bob, identity: eve.identity }));
    expectRefusal("bad-grant", () => open(grant, { ...bob, identity: { ...eve.identity, box: bob.identity.box } }));
    expectRefusal("bad-grant", () => open(grant, { ...bob, identity: { ...eve.identity, kem: bob.identity.kem } }));
  });

  it("is not made for a card that nothing can be sealed to, and nobody else suffers", () => {
    const { chain, bob } = begin();
    expectRefusal("unusable-card", () => grantTo(chain, bob, { recipientCard: { ...bob.card, boxPk: filled(32, 0) } }));
    expectRefusal("unusable-card", () => grantTo(chain, bob, { recipientCard: { ...bob.card, kemPk: filled(1184, 255) } }));
  });
});

describe("a grant of something else than a key", () => {
  it("is a mistake of ours and not the friend's", () => {
    const { chain, bob } = begin();
    expect(() => grantTo(chain, bob, { key: filled(31, 1) })).toThrow(RangeError);
  });
});

describe("a reader of grants refuses", () => {
  it("every single changed byte", () => {
    const { chain, bob, open } = begin();
    const grant = grantTo(chain, bob);
    for (let index = 0; index < grant.length; index += 1) expect(() => open(withByte(grant, index))).toThrow(/^(unknown-version|bad-)/);
  });

  it("every single byte of the sealed part that the author itself changes and signs", () => {
    const { alice, chain, bob, open } = begin();
    const { context, sealed } = parseGrant(grantTo(chain, bob));
    for (let index = 1; index < sealed.length; index += 3) {
      expectRefusal("bad-grant", () => open(signSealed(alice, context, withByte(sealed, index))));
    }
  });

  it("a grant for somebody else, even when its keys are shared", () => {
    const { chain, bob, open } = begin();
    const foreign = grantTo(chain, bob, { recipientUserId: filled(32, 1) });
    expectRefusal("bad-grant", () => open(foreign));
    // Whose it is comes before who signed it.
    expectRefusal("bad-grant", () => open(withByte(foreign, 1503)));
  });

  it("another card of the recipient than the one whose keys are tried", () => {
    const { chain, bob, open } = begin();
    expectRefusal("bad-card", () => open(grantTo(chain, bob), { ...bob, cardHash: filled(32, 1) }));
  });

  it("another author, and a card that is not the pinned one", () => {
    const { alice, bob, chain, epoch } = begin();
    const eve = createPerson();
    const grantBytes = grantTo(chain, bob);
    const asEve = { ...eve, card: alice.card };
    expectRefusal("bad-author", () => openGrant({ grantBytes, recipient: bob, author: asEve, epoch }));
    expectRefusal("bad-card", () => openGrant({ grantBytes, recipient: bob, author: { ...alice, card: eve.card }, epoch }));
    const next = withNextCard(alice);
    expectRefusal("bad-card", () => openGrant({ grantBytes, recipient: bob, author: next, epoch }));
  });

  it("a grant that was stripped of its signature and signed by another", () => {
    const { bob, chain, open } = begin();
    const { context, sealed } = parseGrant(grantTo(chain, bob));
    expectRefusal("bad-sig", () => open(signSealed(createPerson(), context, sealed)));
  });

  it("a grant of another epoch", () => {
    const { bob, chain, open } = begin();
    chain.rotate();
    expectRefusal("bad-epoch", () => open(grantTo(chain, bob)));
  });

  it("a grant that commits to something else than the author's chain", () => {
    const { bob, chain, open } = begin();
    expectRefusal("bad-commit", () => open(grantTo(chain, bob, { commitment: filled(32, 1) })));
  });

  it("a key that is not the committed one, of either kind", () => {
    const { bob, chain, open } = begin();
    expectRefusal("bad-commit", () => open(grantTo(chain, bob, { key: generateEpochKey() })));
    expectRefusal("bad-commit", () => open(grantTo(chain, bob, { kind: GrantKind.EPOCH_ONLY, key: generateEpochKey() })));
    expectRefusal("bad-commit", () => open(grantTo(chain, bob, { kind: GrantKind.EPOCH_ONLY, key: chain.key })));
    expectRefusal("bad-commit", () => open(grantTo(chain, bob, { key: chain.thoughtKey })));
  });

  it("K when the epoch commits to another T, and T when it commits to another", () => {
    const { alice, bob, chain, epoch } = begin();
    const twisted = { ...epoch, thoughtCommitment: filled(32, 1) };
    for (const kind of [GrantKind.HISTORY, GrantKind.EPOCH_ONLY]) {
      const grantBytes = grantTo(chain, bob, { kind });
      expectRefusal("bad-commit", () => openGrant({ grantBytes, recipient: bob, author: alice, epoch: twisted }));
    }
  });

  it("a sealed box that was made for another context", () => {
    const { alice, bob, chain, epoch, open } = begin();
    const { context, ...fields } = parseGrant(grantTo(chain, bob));
    const elsewhere = concatBytes(chain.key, hash("grant-ctx", withByte(context, 70)));
    expectRefusal("bad-grant", () => open(craft(alice, bob, { ...fields, commitment: epoch.commitment }, { content: elsewhere })));
  });

  it("a sealed box of another length", () => {
    const { alice, bob, chain, open } = begin();
    const fields = parseGrant(grantTo(chain, bob));
    const content = concatBytes(chain.key, hash("grant-ctx", fields.context));
    const sealedTo = parseCard(bob.card.bytes).boxPk;
    expectRefusal("bad-length", () => open(craft(alice, bob, fields, { inner: sodium.crypto_box_seal(concatBytes(content, u8(0)), sealedTo) })));
    expectRefusal("bad-grant", () => open(craft(alice, bob, fields, { inner: filled(112, 1) })));
  });
});
