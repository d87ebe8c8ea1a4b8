import { randomBytes } from "node:crypto";
import { expect } from "vitest";
import { createEntry, createObservation, deriveKey, deriveThoughtKey, generateEntryId, observationTag, type ObservationPlace } from "../../src/crypto/index.ts";
import { pad } from "../../src/crypto/secret/padding.ts";
import { seal } from "../../src/crypto/secret/seal.ts";
import { concatBytes, encodeBeaconPayload, encodeCbor, encodeEntryPre, encodeObservedHead, EntryType, type EntryPre, HASH_BYTES, OBSERVED_HASH_BYTES, u8 } from "../../src/protocol/index.ts";
import { nextNotice, textsOf } from "../scenario/support.ts";
import { type Member, succeed } from "../support/member.ts";
import { befriendAccomplice } from "./harness/accomplice.ts";
import { createStage } from "./harness/attack.ts";

// What a friend claims to have read counts only as it was defined: a claim that is made in another way is no claim.
const attack = createStage();

const MADE_BADLY = 9_000;
const MADE_WELL = 7_000;
const hash = new Uint8Array(HASH_BYTES).fill(7);

type Make = (thoughtKey: Uint8Array, place: ObservationPlace) => Uint8Array;

/** As PROTOCOL.md §3 says, with another tag or with more in it. */
function observationWith({ tag, head }: { tag?: Uint8Array; head?: Uint8Array }): Make {
  return (thoughtKey, { observer, entryId }) => {
    const observed = head ?? encodeObservedHead({ seq: MADE_BADLY, hashStart: hash.slice(0, OBSERVED_HASH_BYTES) });
    return concatBytes(tag ?? observationTag(thoughtKey, { observer, entryId }), seal(deriveKey(thoughtKey, "obs"), "obs", concatBytes(observer, entryId), observed));
  };
}

/** Carol tells of Bob's chain: in a beacon, or in a thought, whose body can hold anything. Answers the mutation that stores it. */
type Tell = (carol: Member, observe: (place: ObservationPlace) => Uint8Array) => [mutation: string, input: Record<string, unknown>];

const inBeacon: Tell = ({ hand, userId }, observe) => {
  const entryId = generateEntryId();
  const signed = hand.sign(EntryType.BEACON, encodeBeaconPayload([observe({ observer: userId, entryId })]), { entryId });
  hand.moveTo(signed);
  return ["appendEntries", { entries: [signed.bytes], grants: [] }];
};

const inThought: Tell = ({ hand, userId }, observe) => {
  const entryId = generateEntryId();
  const pre: EntryPre = { type: EntryType.THOUGHT, author: userId, seq: hand.head.seq + 1, prev: hand.head.hash, epoch: 0, timeMs: 1, entryId, signerCard: hand.person.cardHash };
  const body = encodeCbor({ v: 1, t: "", obs: [observe({ observer: userId, entryId })] });
  const payload = seal(deriveThoughtKey(hand.key, userId, 0), "thought", encodeEntryPre(pre), pad(body));
  const signed = { ...createEntry({ ...pre, signer: hand.person.identity, payload }), seq: pre.seq };
  hand.moveTo(signed);
  return ["createThought", { entry: signed.bytes }];
};

const claims: [name: string, tell: Tell, make: Make][] = [
  ["an observation under another tag", inBeacon, observationWith({ tag: randomBytes(4) })],
  ["an observation that says more than one does", inThought, observationWith({ head: concatBytes(encodeObservedHead({ seq: MADE_BADLY, hashStart: hash.slice(0, OBSERVED_HASH_BYTES) }), u8(0)) })],
];

for (const [name, tell, make] of claims) {
  attack(name, { refusal: "PASSED_OVER" }, async (scene) => {
    const alice = await scene.register("alice");
    const [bob, carol] = [await scene.accomplice(), await scene.accomplice()];
    for (const friend of [bob, carol]) await befriendAccomplice(scene, alice, friend);
    const reader = await scene.login(alice);
    const thoughtKey = deriveThoughtKey(bob.hand.key, bob.userId, 0);
    const told = nextNotice(reader, "alarm");
    const made = [tell(carol, (place) => make(thoughtKey, place)), inBeacon(carol, (place) => createObservation(thoughtKey, place, { seq: MADE_WELL, hash }))];
    for (const [mutation, input] of made) await succeed(scene.stage.relay, mutation, input, carol.token);
    const { text } = await told;
    await scene.refused(Promise.resolve(text.includes(`place ${MADE_BADLY},`) ? "BELIEVED" : "PASSED_OVER"));
    await scene.honest(async () => expect(await textsOf(reader, bob.username)).toEqual([]));
  });
}
