import { randomBytes } from "node:crypto";
import { expect } from "vitest";
import type { Account } from "../../src/client/index.ts";
import { createEntry, deriveKey, deriveThoughtKey, sealThought } from "../../src/crypto/index.ts";
import { sodium } from "../../src/crypto/sodium.ts";
import { hash } from "../../src/crypto/public/hash.ts";
import { bucketFor, concatBytes, encodeEntryPre, encodeThoughtBody, EntryType, parseBase64url, parseEntry, type EntryPre, u8 } from "../../src/protocol/index.ts";
import { textsOf } from "../scenario/support.ts";
import { ask } from "../support/graphql.ts";
import { write } from "../support/lawful-inputs.ts";
import type { Member } from "../support/member.ts";
import { befriendAccomplice, entryNode, isNewer, rewriteChain } from "./harness/accomplice.ts";
import { createStage } from "./harness/attack.ts";
import { sealForTwoKeys } from "./harness/one-ciphertext-two-keys.ts";
import { idOf, type Scene } from "./harness/scene.ts";
import { share } from "./harness/share.ts";

// A false friend holds the key and signs; what is sealed badly is shown as unreadable, and stops nothing else.
const attack = createStage();

const cast = share(meet);

async function meet(scene: Scene): Promise<{ alice: Account; mallory: Member }> {
  const alice = await scene.register("alice");
  const mallory = await scene.accomplice();
  await write(scene.stage.relay, mallory, "lawful");
  await befriendAccomplice(scene, alice, mallory);
  return { alice, mallory };
}

interface Sealing {
  thoughtKey: Uint8Array;
  pre: Uint8Array;
}

/** SEAL of PROTOCOL.md §1, in which the commitment to the key can be another one. */
function sealBadly({ thoughtKey, pre }: Sealing, plaintext: Uint8Array, { commitment, version = 1 }: { commitment?: Uint8Array; version?: number } = {}): Uint8Array {
  const nonce = new Uint8Array(randomBytes(24));
  const ad = hash("ad/thought", pre);
  const key = deriveKey(thoughtKey, "seal-enc/thought", nonce, ad);
  const committed = commitment ?? deriveKey(thoughtKey, "seal-com/thought", nonce, ad);
  return concatBytes(u8(version), nonce, committed, sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(plaintext, ad, null, nonce, key));
}

const body = encodeThoughtBody({ v: 1, t: "believed" });
const padded = (content: Uint8Array, mark = 0x80): Uint8Array => concatBytes(content, u8(mark), new Uint8Array(bucketFor(content.length) - content.length - 1));
const text = (value: string): Uint8Array => new Uint8Array(Buffer.from(value, "latin1"));

/** The body of a thought with one field more, as CBOR. */
const bodyWith = (key: string, value: string): Uint8Array => text(`\xa3athbelievedav\x01${key}${value}`);

/** The text opens under the key that the reader holds, and something under another one: what is committed to is the other one. */
function sealForTwo({ thoughtKey, pre }: Sealing): Uint8Array {
  const [other, ad] = [new Uint8Array(32).fill(7), hash("ad/thought", pre)];
  const plaintext = padded(bodyWith("ax", `\x58\x40${"x".repeat(64)}`));
  for (;;) {
    const nonce = new Uint8Array(randomBytes(24));
    const keyOf = (key: Uint8Array): Uint8Array => deriveKey(key, "seal-enc/thought", nonce, ad);
    const ciphertext = sealForTwoKeys({ key: keyOf(thoughtKey), nonce }, { key: keyOf(other), nonce }, { plaintext, ad, freeBlock: 3 });
    if (ciphertext === undefined) continue;
    for (const key of [thoughtKey, other]) sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(null, ciphertext, ad, nonce, keyOf(key));
    return concatBytes(u8(1), nonce, deriveKey(other, "seal-com/thought", nonce, ad), ciphertext);
  }
}

const payloads: [name: string, seal: (sealing: Sealing) => Uint8Array, replays?: string][] = [
  ["a ciphertext that is not committed to its key", (sealing) => sealBadly(sealing, padded(body), { commitment: new Uint8Array(32) }), "Partitioning oracles 2021: one ciphertext under many keys"],
  ["a ciphertext that opens under two keys, and is committed to the other one", sealForTwo, "Partitioning oracles 2021: one ciphertext under many keys"],
  ["a text that was sealed to another place", ({ thoughtKey, pre }) => sealThought(thoughtKey, Uint8Array.from(pre, (byte, index) => (index === 41 ? byte ^ 1 : byte)), { v: 1, t: "believed" }), "Cloud storage 2024: pieces moved to other places"],
  ["a text under a key that nobody was granted", ({ pre }) => sealThought(new Uint8Array(32).fill(7), pre, { v: 1, t: "believed" })],
  ["a text without its padding", (sealing) => sealBadly(sealing, padded(body, 0))],
  ["a text that is no CBOR", (sealing) => sealBadly(sealing, padded(text("believed")))],
  ["a body of an unknown version", (sealing) => sealBadly(sealing, padded(concatBytes(text("\xa2at"), text("hbelieved"), text("av\x02"))))],
  ["a body with its fields in another order", (sealing) => sealBadly(sealing, padded(text("\xa2av\x01athbelieved")))],
  ["a number that is spelled longer than it needs", (sealing) => sealBadly(sealing, padded(text("\xa2athbelievedav\x18\x01")))],
  ["lists in lists without an end", (sealing) => sealBadly(sealing, padded(bodyWith("ax", `${"\x81".repeat(20)}\x00`)))],
  ["maps in maps without an end", (sealing) => sealBadly(sealing, padded(bodyWith("ax", `${"\xa1aa".repeat(20)}\x00`)))],
  ["a number with a fraction", (sealing) => sealBadly(sealing, padded(bodyWith("ax", "\xf9\x3e\x00")))],
  ["a reply to what is no hash", (sealing) => sealBadly(sealing, padded(bodyWith("ereply", `\x58\x1f${"r".repeat(31)}`)))],
  ["an edit of what is no hash", (sealing) => sealBadly(sealing, padded(bodyWith("eedits", `\x58\x1f${"e".repeat(31)}`)))],
  ["nine observations", (sealing) => sealBadly(sealing, padded(bodyWith("cobs", `\x89${`\x58\x65${"o".repeat(101)}`.repeat(9)}`)))],
  ["a number for a text", (sealing) => sealBadly(sealing, padded(text("\xa2at\x05av\x01")))],
  ["60 001 bytes of text", (sealing) => sealBadly(sealing, padded(text(`\xa2at\x79\xea\x61${"l".repeat(60_001)}av\x01`)))],
  ["a seal of an unknown version", (sealing) => sealBadly(sealing, padded(body), { version: 2 })],
  ["a text that fills its bucket, without any padding", (sealing) => sealBadly(sealing, text(`\xa2at\x78\xf8${"l".repeat(248)}av\x01`))],
  ["a text that was sealed for no place at all", ({ thoughtKey }) => sealThought(thoughtKey, new Uint8Array(), { v: 1, t: "believed" })],
  ["a text that is no UTF-8", (sealing) => sealBadly(sealing, padded(text("\xa2at\x62\xc3\x28av\x01")))],
];

for (const [name, seal, replays] of payloads) seals(name, { refusal: "unreadable", ...(replays && { replays }) }, seal);

seals("a body larger than any may be, in a bucket that no thought has", { refusal: "bad-length" }, (sealing) => sealBadly(sealing, padded(bodyWith("ax", `\x5a\x00\x01\x00\x00${"x".repeat(65_536)}`))));

/** The false friend seals a thought like this, and the relay delivers it. */
function seals(name: string, stated: { refusal: string; replays?: string }, seal: (sealing: Sealing) => Uint8Array): void {
  attack(name, stated, async (scene) => {
    const { alice, mallory } = await cast.meet(scene);
    const { hand } = mallory;
    const pre: EntryPre = { type: EntryType.THOUGHT, author: mallory.userId, seq: hand.head.seq + 1, prev: hand.head.hash, epoch: 0, timeMs: 1, entryId: randomBytes(16), signerCard: hand.person.cardHash };
    const payload = seal({ thoughtKey: deriveThoughtKey(hand.key, mallory.userId, 0), pre: encodeEntryPre(pre) });
    const entry = createEntry({ ...pre, signer: hand.person.identity, payload });
    rewriteChain(scene, mallory, isNewer, (nodes) => [...nodes, entryNode(scene, mallory.userId, { ...entry, seq: pre.seq })]);
    await scene.refused(scene.alarmAtOnce(await scene.login(alice)));
    // The signed entry was believed, and its place is pinned now.
    cast.forget();
    await scene.honest(async () => {
      const other = await meet(scene);
      expect(await textsOf(await scene.loginHonestly(other.alice), other.mallory.username)).toEqual(["lawful"]);
    });
  });
}

const BYTE_ORDER_MARK = "\uFEFF";

attack("two texts that differ in a byte order mark alone", { refusal: "TOLD_APART" }, async (scene) => {
  const { alice, mallory } = await meet(scene);
  await write(scene.stage.relay, mallory, `${BYTE_ORDER_MARK}lawful`);
  const texts = await textsOf(await scene.login(alice), mallory.username);
  await scene.refused(Promise.resolve(texts.length === 2 && texts[0] !== texts[1] ? "TOLD_APART" : undefined));
  await scene.readsHonestly(alice, { username: mallory.username } as Account, `${BYTE_ORDER_MARK}lawful`, "lawful");
});

attack("the commitment of a ciphertext, tried as its key", { refusal: "SHUT" }, async (scene) => {
  const alice = await scene.register("alice");
  const text = scene.secret("by Alice");
  await alice.thoughts.write(text);
  const query = "query ($author: UserId!) { chain(author: $author, order: NEWEST_FIRST, first: 1) { nodes { bytes } } }";
  const { data } = await ask(scene.stage.relay, { query, variables: { author: idOf(alice) }, token: await alice.accessToken() });
  const { pre, payload } = parseEntry(parseBase64url(data.chain.nodes[0].bytes));
  const [nonce, commitment, ciphertext] = [payload.slice(1, 25), payload.slice(25, 57), payload.slice(57)];
  const tryIt = async (): Promise<string | undefined> => {
    try {
      return void sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(null, ciphertext, hash("ad/thought", pre), nonce, commitment);
    } catch {
      return "SHUT";
    }
  };
  await scene.refused(tryIt());
  await scene.honest(async () => expect(await textsOf(await scene.loginHonestly(alice))).toEqual([text]));
});
