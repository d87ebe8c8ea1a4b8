import { randomBytes } from "node:crypto";
import { expect } from "vitest";
import type { Account } from "../../src/client/index.ts";
import { createEntry, deriveKey, deriveThoughtKey, sealThought } from "../../src/crypto/index.ts";
import { sodium } from "../../src/crypto/sodium.ts";
import { hash } from "../../src/crypto/public/hash.ts";
import { concatBytes, encodeEntryPre, encodeThoughtBody, EntryType, type EntryPre, u8 } from "../../src/protocol/index.ts";
import { textsOf } from "../scenario/support.ts";
import { write } from "../support/lawful-inputs.ts";
import type { Member } from "../support/member.ts";
import { befriendAccomplice, entryNode, isNewer, rewriteChain } from "./harness/accomplice.ts";
import { createStage } from "./harness/attack.ts";
import type { Scene } from "./harness/scene.ts";
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
function sealBadly({ thoughtKey, pre }: Sealing, plaintext: Uint8Array, commitment?: Uint8Array): Uint8Array {
  const nonce = new Uint8Array(randomBytes(24));
  const ad = hash("ad/thought", pre);
  const key = deriveKey(thoughtKey, "seal-enc/thought", nonce, ad);
  const committed = commitment ?? deriveKey(thoughtKey, "seal-com/thought", nonce, ad);
  return concatBytes(u8(1), nonce, committed, sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(plaintext, ad, null, nonce, key));
}

const body = encodeThoughtBody({ v: 1, t: "believed" });
const padded = (content: Uint8Array, mark = 0x80): Uint8Array => concatBytes(content, u8(mark), new Uint8Array(255 - content.length));
const text = (value: string): Uint8Array => new Uint8Array(Buffer.from(value, "latin1"));

const payloads: [name: string, seal: (sealing: Sealing) => Uint8Array, replays?: string][] = [
  ["a ciphertext that is not committed to its key", (sealing) => sealBadly(sealing, padded(body), new Uint8Array(32)), "Partitioning oracles 2021: one ciphertext under many keys"],
  ["a text that was sealed to another place", ({ thoughtKey, pre }) => sealThought(thoughtKey, Uint8Array.from(pre, (byte, index) => (index === 41 ? byte ^ 1 : byte)), { v: 1, t: "believed" }), "Cloud storage 2024: pieces moved to other places"],
  ["a text under a key that nobody was granted", ({ pre }) => sealThought(new Uint8Array(32).fill(7), pre, { v: 1, t: "believed" })],
  ["a text without its padding", (sealing) => sealBadly(sealing, padded(body, 0))],
  ["a text that is no CBOR", (sealing) => sealBadly(sealing, padded(text("believed")))],
  ["a body of an unknown version", (sealing) => sealBadly(sealing, padded(concatBytes(text("\xa2at"), text("hbelieved"), text("av\x02"))))],
  ["a body in another spelling", (sealing) => sealBadly(sealing, padded(concatBytes(text("\xa2av\x01at"), text("hbelieved").subarray(0), new Uint8Array()).slice().reverse()))],
  ["a text that is no UTF-8", (sealing) => sealBadly(sealing, padded(text("\xa2at\x62\xc3\x28av\x01")))],
];

for (const [name, seal, replays] of payloads) {
  attack(name, { refusal: "unreadable", ...(replays && { replays }) }, async (scene) => {
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
