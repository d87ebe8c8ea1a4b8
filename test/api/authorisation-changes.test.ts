import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { opaqueReady, ready } from "../../src/crypto/index.ts";
import { encodeBase64url } from "../../src/protocol/index.ts";
import { accept, befriend, confirm, request, unfriend } from "../support/friendships.ts";
import type { Json } from "../support/graphql.ts";
import { write } from "../support/lawful-inputs.ts";
import { createMember, type Member, succeed } from "../support/member.ts";
import { type RunningRelay, startTestRelay } from "../support/relay.ts";
import { subscribe, type Subscriber } from "../support/subscriber.ts";

const THOUGHTS = "subscription ($after: [PositionInput!]) { thoughtCreated(after: $after) { id author { username friendship { id peer { username } } } } }";
const ENTRIES = "subscription ($after: [PositionInput!]!) { entryAppended(after: $after) { ... on EntryAppended { entry { author type hash } } ... on CaughtUp { authors } } }";
const EVENTS = "subscription { friendshipChanged { kind friendship { id peer { username } } } }";

let relay: RunningRelay;
/** A friend of all: whoever has heard what she wrote last has heard all that was published before. */
let dora: Member;
let alice: Member;
let bob: Member;
/** The friendships of the two with her. */
let withDora: Uint8Array[];
const open: Subscriber[] = [];
beforeAll(async () => {
  await Promise.all([ready(), opaqueReady()]);
  relay = await startTestRelay();
  dora = await createMember(relay);
});
beforeEach(async () => {
  [alice, bob] = await Promise.all([createMember(relay), createMember(relay)]);
  withDora = [await befriend(relay, alice, dora), await befriend(relay, bob, dora)];
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((subscriber) => subscriber.close()));
});
afterAll(() => relay.stop());

const idOf = ({ userId }: Member): string => encodeBase64url(userId);

/** Listens to everything from now on, with positions in the chains of all three. */
async function listen(member: Member): Promise<Subscriber> {
  const after = [alice, bob, dora].map((author) => ({ author: idOf(author), seq: author.hand.head.seq }));
  const subscriber = await subscribe(relay, member.token, {
    thoughtCreated: { query: THOUGHTS, variables: { after } },
    entryAppended: { query: ENTRIES, variables: { after } },
    friendshipChanged: { query: EVENTS },
  });
  open.push(subscriber);
  return subscriber;
}

/** The friends' thoughts that came until now, by name of the author; those of the witness are left out. */
async function heardBy(member: Member, { delivered, until }: Subscriber): Promise<Record<string, number>> {
  // Behind two of hers: an author who was still behind when the first one came is not behind any more.
  await write(relay, dora);
  const { id } = await write(relay, dora);
  await until(() => (delivered["thoughtCreated"] ?? []).some((thought) => thought.id === id));
  await until(() => (delivered["entryAppended"] ?? []).some(({ entry }) => entry?.hash === id));
  const thoughts = (delivered["thoughtCreated"] ?? []).map(({ author }) => ({ by: author.username, what: author.username }));
  const entries = (delivered["entryAppended"] ?? []).flatMap(({ entry }) => (entry ? [{ by: nameOf(entry.author), what: `${nameOf(entry.author)}: ${entry.type}` }] : []));
  const others = [...thoughts, ...entries].filter(({ by }) => by !== dora.username && by !== member.username).map(({ what }) => what);
  return Object.fromEntries([...new Set(others)].map((what) => [what, others.filter((one) => one === what).length]));
}

function nameOf(author: string): string {
  return [alice, bob, dora].find((member) => idOf(member) === author)?.username ?? "somebody else";
}

/** One thought, on both streams. */
const thoughtsBy = ({ username }: Member, count: number): Record<string, number> => ({ [username]: count, [`${username}: THOUGHT`]: count });

describe("who may read is decided at delivery", () => {
  test("while a friendship is only asked for nobody hears; the requester hears from ACCEPTED on, both from CONFIRMED on", async () => {
    const [ofAlice, ofBob] = [await listen(alice), await listen(bob)];
    const fid = await request(relay, alice, bob);
    for (const member of [alice, bob]) await write(relay, member);
    expect(await heardBy(alice, ofAlice)).toEqual({});
    expect(await heardBy(bob, ofBob)).toEqual({});

    await accept(relay, fid, bob, alice);
    for (const member of [alice, bob]) await write(relay, member);
    expect(await heardBy(alice, ofAlice)).toEqual(thoughtsBy(bob, 1));
    expect(await heardBy(bob, ofBob)).toEqual({});

    await confirm(relay, fid, alice, bob);
    for (const member of [alice, bob]) await write(relay, member);
    expect(await heardBy(alice, ofAlice)).toEqual(thoughtsBy(bob, 2));
    expect(await heardBy(bob, ofBob)).toEqual(thoughtsBy(alice, 1));
  });

  test.each(["declineFriendship", "cancelFriendship"])("a request that ends by %s lets nobody hear", async (mutation) => {
    const [ofAlice, ofBob] = [await listen(alice), await listen(bob)];
    const fid = await request(relay, alice, bob);
    const [signer, record] = mutation === "declineFriendship" ? [bob, bob.hand.declineRecord(fid, alice.hand)] : [alice, alice.hand.cancelRecord(fid, bob.hand)];
    await succeed(relay, mutation, { record }, signer.token);
    for (const member of [alice, bob]) await write(relay, member);
    expect([await heardBy(alice, ofAlice), await heardBy(bob, ofBob)]).toEqual([{}, {}]);
  });

  test.each(["requester", "accepter"])("a friendship that the %s ends is over at once for both, with the epoch that ends it", async (side) => {
    const fid = await befriend(relay, alice, bob);
    const [leaver, left] = side === "requester" ? [alice, bob] : [bob, alice];
    const [ofLeaver, ofLeft] = [await listen(leaver), await listen(left)];
    for (const member of [alice, bob]) await write(relay, member);
    expect([await heardBy(leaver, ofLeaver), await heardBy(left, ofLeft)]).toEqual([thoughtsBy(left, 1), thoughtsBy(leaver, 1)]);

    await unfriend(relay, fid, leaver, left, [dora]);
    await write(relay, leaver);
    await rotate(left);
    await write(relay, left);
    expect([await heardBy(leaver, ofLeaver), await heardBy(left, ofLeft)]).toEqual([thoughtsBy(left, 1), thoughtsBy(leaver, 1)]);
    for (const { delivered } of [ofLeaver, ofLeft]) expect(kindsOf(delivered)).toEqual(["REQUESTED", "ACCEPTED", "CONFIRMED", "ENDED"]);
  });

  test("asking again from an old position brings nothing back; becoming friends again does, from then on", async () => {
    const before = { author: idOf(alice), seq: 0 };
    const fid = await befriend(relay, alice, bob);
    await write(relay, alice);
    await unfriend(relay, fid, alice, bob, [dora]);
    const after = [before, { author: idOf(dora), seq: dora.hand.head.seq }];
    const late = await subscribe(relay, bob.token, { thoughtCreated: { query: THOUGHTS, variables: { after } }, entryAppended: { query: ENTRIES, variables: { after } } });
    open.push(late);
    await write(relay, alice);
    expect(await heardBy(bob, late)).toEqual({});

    await rotate(bob);
    await befriend(relay, alice, bob);
    await write(relay, alice);
    expect(await heardBy(bob, late)).toEqual(thoughtsBy(alice, 1));
  });

  /** The epoch that a friend who was left owes before the next thought. */
  async function rotate(member: Member): Promise<void> {
    const rotation = member.hand.rotation([dora.hand]);
    await succeed(relay, "appendEntries", { entries: [rotation.epoch.bytes], grants: rotation.grants }, member.token);
    member.hand.adopt(rotation);
  }

  function kindsOf(delivered: Record<string, Json[]>): string[] {
    const others = (delivered["friendshipChanged"] ?? []).filter(({ friendship }) => friendship.peer.username !== dora.username);
    return others.map(({ kind }) => kind);
  }
});

test("what depends on who listens is each listener's own, though one thought goes to both", async () => {
  const people = [alice, bob];
  const listeners = await Promise.all(people.map(listen));
  const { id } = await write(relay, dora);
  for (const [index, { delivered, until }] of listeners.entries()) {
    const thought = (): Json => delivered["thoughtCreated"]?.find((one) => one.id === id);
    await until(() => thought() !== undefined);
    expect(thought().author).toEqual({ username: dora.username, friendship: { id: encodeBase64url(withDora[index] ?? new Uint8Array()), peer: { username: dora.username } } });
  }
});
