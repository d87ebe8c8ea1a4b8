import { expect } from "vitest";
import { Account, type Notice } from "../../src/client/index.ts";
import { createObservation, deriveThoughtKey, generateEntryId } from "../../src/crypto/index.ts";
import { encodeBase64url, encodeBeaconPayload, EntryType, HASH_BYTES, parseBase64url, parseEntry, parseHealPayload } from "../../src/protocol/index.ts";
import { filled } from "../crypto/support/bytes.ts";
import { befriend, nextNotice, nextTexts, textsOf, thoughtsOf } from "../scenario/support.ts";
import { ask, type Json } from "../support/graphql.ts";
import { type Member, succeed } from "../support/member.ts";
import { befriendAccomplice, entryNode } from "./harness/accomplice.ts";
import { createStage } from "./harness/attack.ts";
import { startHostileRelay } from "./harness/hostile-relay.ts";
import { idOf, type Scene } from "./harness/scene.ts";

// What one client alone cannot notice: two friends compare what they were shown.
const attack = createStage();

/** From now on the relay shows whoever signs in at it nothing of this author behind a place. */
function freeze({ lies }: Scene, author: { userId: Uint8Array }, seq: number): void {
  const isHidden = (entry: Json): boolean => entry?.author === idOf(author) && entry.seq > seq;
  lies.rewrite("Chain", ({ chain }) => void (chain.nodes = chain.nodes.filter((node: Json) => !isHidden(node))));
  lies.redeliver("EntryAppended", ({ entryAppended }) => (isHidden(entryAppended.entry) ? [] : undefined));
}

/** Signs somebody in where the relay lies; what is delivered from now on is heard. */
async function loginAndListen(scene: Scene, account: Account): Promise<Account> {
  const again = await scene.login(account);
  await nextNotice(again, "connected");
  return again;
}

/** Of a client, the next alarm's code; it is told as a notice and in the feed. */
async function nextAlarm(account: Account): Promise<string> {
  return (await nextNotice(account, "alarm")).code;
}

const untilRead = (reader: Account, author: { username: string }, ...texts: string[]): Promise<void> =>
  expect.poll(() => textsOf(reader, author.username), { timeout: 30_000 }).toEqual(texts);

/** Three who are all friends of each other. */
async function threeFriends(scene: Scene, carols: { now?: () => number } = {}): Promise<[Account, Account, Account]> {
  const [alice, bob] = await scene.friends("alice", "bob");
  const carol = await scene.register("carol", carols);
  await befriend(carol, alice);
  await befriend(carol, bob);
  return [alice, bob, carol];
}

/** Tells whoever listens where the relay lies of an entry that it never stored. */
function deliver({ stage }: Scene, entry: Json): Promise<void> {
  return stage.hostile.sockets.deliver("EntryAppended", { entryAppended: { __typename: "EntryAppended", entry } });
}

async function store(scene: Scene, member: Member, bytes: Uint8Array): Promise<void> {
  await succeed(scene.stage.relay, "createThought", { entry: bytes }, member.token);
}

attack("the newest thoughts of a friend, hidden from one reader", { refusal: "withheld" }, async (scene) => {
  const [alice, bob, carol] = await threeFriends(scene);
  const before = await bob.thoughts.write(scene.secret("before"));
  freeze(scene, bob, before.seq);
  const reader = await scene.login(alice);
  const alarm = nextAlarm(reader);
  const hidden = await bob.thoughts.write(scene.secret("hidden"));
  await untilRead(carol, bob, hidden.text, before.text);
  await carol.thoughts.write(scene.secret("what Carol knows"));
  await scene.refused(alarm);
  expect(await scene.alarmOf(reader)).toBe("withheld");
  expect(await textsOf(reader, bob.username)).toEqual([before.text]);
  await scene.readsHonestly(alice, bob, hidden.text, before.text);
});

attack("hidden thoughts of a friend, told by a beacon", { refusal: "withheld" }, async (scene) => {
  // What Carol wrote last is two days old: a beacon is due as soon as she signs in with a clock that goes right.
  const [alice, bob, carol] = await threeFriends(scene, { now: () => Date.now() - 172_800_000 });
  const before = await bob.thoughts.write(scene.secret("before"));
  freeze(scene, bob, before.seq);
  const reader = await scene.login(alice);
  const alarm = nextAlarm(reader);
  const hidden = await bob.thoughts.write(scene.secret("hidden"));
  await untilRead(carol, bob, hidden.text, before.text);
  await scene.loginHonestly(carol);
  await scene.refused(alarm);
  await scene.readsHonestly(alice, bob, hidden.text, before.text);
});

attack("different entries shown to two friends", { refusal: "contradicted" }, async (scene) => {
  const [alice, carol] = await scene.friends("alice", "carol");
  const xavier = await scene.accomplice();
  for (const friend of [alice, carol]) await befriendAccomplice(scene, friend, xavier);
  const [toCarol, toAlice] = [xavier.hand.thought("for Carol"), xavier.hand.thought("for Alice")];
  await store(scene, xavier, toCarol.bytes);
  const instead = entryNode(scene, xavier.userId, toAlice);
  const isHers = (entry: Json): boolean => entry?.author === idOf(xavier) && entry.seq === toAlice.seq;
  scene.lies.rewrite("Chain", ({ chain }) => void (chain.nodes = chain.nodes.map((node: Json) => (isHers(node) ? instead : node))));
  scene.lies.redeliver("EntryAppended", ({ entryAppended }) => (isHers(entryAppended.entry) ? [{ entryAppended: { ...entryAppended, entry: instead } }] : undefined));
  const reader = await scene.login(alice);
  expect(await textsOf(reader, xavier.username)).toEqual(["for Alice"]);
  await untilRead(carol, xavier, "for Carol");
  const alarm = nextAlarm(reader);
  await carol.thoughts.write(scene.secret("what Carol knows"));
  await scene.refused(alarm);

  // By another way than the relay, the two hand each other what they were shown.
  const proof = reader.proofs.compare(xavier.username, carol.proofs.headerOf(xavier.username, toCarol.seq));
  const dave = await scene.register("dave");
  expect(dave.proofs.check(proof?.bytes ?? new Uint8Array())).toMatchObject({ kind: "fork", author: xavier.userId, seq: toCarol.seq });
  expect(carol.proofs.compare(xavier.username, carol.proofs.headerOf(xavier.username, toCarol.seq))).toBeUndefined();
  await scene.readsHonestly(carol, xavier as unknown as Account, "for Carol");
});

attack("a second entry for a place that was read", { refusal: "fork" }, async (scene) => {
  const [alice, bob] = await scene.friends("alice", "bob");
  const xavier = await scene.accomplice();
  await befriendAccomplice(scene, alice, xavier);
  const reader = await loginAndListen(scene, alice);
  const [first, second] = [xavier.hand.thought("first"), xavier.hand.thought("second")];
  await store(scene, xavier, first.bytes);
  await untilRead(reader, xavier, "first");
  const alarm = nextAlarm(reader);
  await deliver(scene, entryNode(scene, xavier.userId, second));
  await scene.refused(alarm);

  const [receipts, fork] = ["receipts", "fork"].map((kind) => reader.proofs.list().find((proof) => proof.kind === kind)?.bytes ?? new Uint8Array());
  const dave = await scene.register("dave");
  expect(dave.proofs.check(fork!)).toMatchObject({ kind: "fork", author: xavier.userId, seq: first.seq });
  expect(dave.proofs.check(receipts!)).toMatchObject({ kind: "receipts", author: xavier.userId, seq: first.seq });
  // Nobody healed it: the chain stays as it was read.
  xavier.hand.moveTo(first);
  const third = xavier.hand.thought("third");
  await store(scene, xavier, third.bytes);
  await deliver(scene, entryNode(scene, xavier.userId, third));
  const later = await bob.thoughts.write(scene.secret("later"));
  await untilRead(reader, bob, later.text);
  expect(await textsOf(reader, xavier.username)).toEqual(["first"]);
  await scene.honest(async () => expect(await textsOf(await scene.loginHonestly(alice), xavier.username)).toEqual(["third", "first"]));
});

attack("an observation copied into another friend's entry", { refusal: "TOLD_BY_CAROL" }, async (scene) => {
  const alice = await scene.register("alice");
  const [bob, carol, mallory] = [await scene.accomplice(), await scene.accomplice(), await scene.accomplice()];
  for (const friend of [bob, carol, mallory]) await befriendAccomplice(scene, alice, friend);
  const reader = await scene.login(alice);
  const entryId = generateEntryId();
  const thoughtKey = deriveThoughtKey(bob.hand.key, bob.userId, 0);
  const observation = createObservation(thoughtKey, { observer: carol.userId, entryId }, { seq: 99, hash: filled(HASH_BYTES, 7) });
  const beaconOf = ({ hand }: Member): Uint8Array => hand.sign(EntryType.BEACON, encodeBeaconPayload([observation]), { entryId }).bytes;
  const told = nextNotice(reader, "alarm");
  for (const friend of [mallory, carol]) await succeed(scene.stage.relay, "appendEntries", { entries: [beaconOf(friend)], grants: [] }, friend.token);
  const { text } = await told;
  await scene.refused(Promise.resolve(text.startsWith(carol.username) ? "TOLD_BY_CAROL" : text));
  await scene.honest(async () => expect(await textsOf(reader, bob.username)).toEqual([]));
});

attack("the end of the own chain, hidden from a device that signs in", { refusal: "OWN_CHAIN_WITHHELD" }, async (scene) => {
  const [alice, bob] = await scene.friends("alice", "bob");
  const [kept, hidden] = [await alice.thoughts.write(scene.secret("kept")), await alice.thoughts.write(scene.secret("hidden"))];
  await untilRead(bob, alice, hidden.text, kept.text);
  await bob.thoughts.write(scene.secret("what Bob knows"));
  freeze(scene, alice, kept.seq);
  await scene.refused(scene.login(alice));
  expect(await scene.nothingSent("CreateThought", "AppendEntries", "EndFriendship", "WithdrawThought")).toBe("NOTHING_SENT");
  const password = scene.passwordOf(alice);
  const despite = await Account.login({ relay: scene.stage.hostile.origin, unsafeKeyStretching: true, username: alice.username, password, overruled: [bob.username] });
  expect(await textsOf(despite)).toEqual([kept.text]);
  await despite.close();
  await scene.honest(async () => expect(await textsOf(await scene.loginHonestly(alice))).toEqual([hidden.text, kept.text]));
});

attack("a receipt for another entry than was sent", { refusal: "bad-receipt" }, async (scene) => {
  const author = await scene.registerAtHostile("alice");
  scene.lies.rewrite("CreateThought", ({ createThought }) => {
    const { bytes } = createThought.receipt;
    const seq = Number(Buffer.from(bytes, "base64url").readBigUInt64BE(65));
    createThought.receipt = { bytes: encodeBase64url(scene.stage.receiptFor({ author: author.userId, seq, entryHash: filled(HASH_BYTES, 7) })) };
  });
  const proven = nextNotice(author, "proof");
  const text = scene.secret("written once");
  await scene.refused(author.thoughts.write(text));
  const { proof } = await proven;
  const dave = await scene.register("dave");
  expect(dave.proofs.check(proof.bytes)).toMatchObject({ kind: "receipts", author: author.userId });
  expect(author.proofs.list()).toEqual([proof]);
  await scene.honest(async () => {
    await author.thoughts.write("and on");
    expect(await textsOf(await scene.loginHonestly(author))).toEqual(["and on", text]);
  });
});

attack("an induced fork, which the author heals", { refusal: "fork" }, async (scene) => {
  const [alice, bob] = await scene.friends("alice", "bob");
  const dave = await scene.register("dave");
  await befriend(dave, bob);
  const reader = await scene.login(alice);
  const before = await bob.thoughts.write(scene.secret("before"));
  await untilRead(reader, bob, before.text);

  // Alice is shown what Bob's client sends; Bob is told that another entry has come first.
  const { induced, text, alarm, away } = await induceFork(scene, bob, reader);
  const feed = reader.feed();
  expect(await nextTexts(feed, 2)).toEqual([before.text, text]);
  await induced();
  await scene.refused(alarm);
  await untilRead(reader, bob, text, before.text);
  const items = [(await feed.next()).value, (await feed.next()).value, (await feed.next()).value, (await feed.next()).value];
  expect(items).toMatchObject([{ kind: "withdrawn", id: away.hash }, { kind: "thought" }, { kind: "alarm", code: "fork" }, { kind: "healed" }]);
  expect(reader.proofs.list().map(({ kind }) => kind).sort()).toEqual(["fork", "receipts"]);

  // Dave never saw it. Shown to him now, it is what a HEAL names.
  const told: Notice[] = [];
  const other = await loginAndListen(scene, dave);
  other.onNotice((notice) => void told.push(notice));
  await deliver(scene, away.node);
  const after = await bob.thoughts.write(scene.secret("after"));
  await untilRead(other, bob, after.text, text, before.text);
  await untilRead(reader, bob, after.text, text, before.text);
  expect(told.filter(({ kind }) => kind === "alarm")).toEqual([]);
  await scene.readsHonestly(dave, bob, after.text, text, before.text);
});

attack("an induced fork, found healed at the next sign-in", { refusal: "fork" }, async (scene) => {
  const [alice, bob] = await scene.friends("alice", "bob");
  const reader = await scene.login(alice);
  const { induced, text } = await induceFork(scene, bob, reader);
  await untilRead(reader, bob, text);
  // The vault keeps the position that was read.
  await reader.close();
  await induced();
  const again = await scene.login(alice);
  await scene.refused(scene.alarmOf(again).then((code) => code ?? ""));
  expect(await textsOf(again, bob.username)).toEqual([text]);
  await scene.readsHonestly(alice, bob, text);
});

/** Bob writes a thought that one reader accepts and that the relay refuses in his face; `induced` lets him go on, or end by a crash. */
async function induceFork(scene: Scene, bob: Account, reader: Account, { isCrash = false } = {}) {
  const proxy = await startHostileRelay(scene.stage.relay);
  const author = await Account.login({ relay: proxy.origin, unsafeKeyStretching: true, username: bob.username, password: scene.passwordOf(bob) });
  const text = scene.secret("twice signed");
  let goOn = (): void => undefined;
  const held = new Promise<void>((resolve) => (goOn = resolve));
  const sent = new Promise<string>((resolve) => {
    proxy.lies.invent("CreateThought", async ({ variables }) => {
      proxy.lies.reform();
      resolve(variables.input.entry);
      await held;
      return { createThought: { __typename: "HeadStale", code: "HEAD_STALE", message: "Another entry came first." } };
    });
  });
  const writing = author.thoughts.write(text);
  const bytes = parseBase64url(await sent);
  const node = entryNode(scene, bob.userId, { bytes, seq: Number(Buffer.from(bytes).readBigUInt64BE(34)) });
  const alarm = nextAlarm(reader);
  await deliver(scene, node);
  await untilHolds(reader, bob, text);
  const [first] = await thoughtsOf(reader, bob.username);
  const induced = async (): Promise<void> => {
    if (!isCrash) goOn();
    else void author.close();
    await writing.catch(() => undefined);
    await author.close();
    await proxy.close();
  };
  return { induced, text, alarm, away: { hash: first!.id, node } };
}

const untilHolds = (reader: Account, author: Account, text: string): Promise<void> =>
  expect.poll(() => textsOf(reader, author.username), { timeout: 30_000 }).toContain(text);

attack("an own entry that this device never saw", { refusal: "fork" }, async (scene) => {
  const [alice, bob] = await scene.friends("alice", "bob");
  const { induced, away } = await induceFork(scene, alice, await scene.login(bob), { isCrash: true });
  await induced();
  const device = await loginAndListen(scene, alice);
  const written = await device.thoughts.write(scene.secret("what stands there"));
  const alarm = nextAlarm(device);
  await deliver(scene, away.node);
  await scene.refused(alarm);
  // Who was never shown it is told, and everybody reads on.
  const dave = await scene.register("dave");
  await befriend(dave, alice);
  const other = await loginAndListen(scene, dave);
  await deliver(scene, away.node);
  const after = await device.thoughts.write(scene.secret("after"));
  await untilRead(other, alice, after.text, written.text);
  await scene.honest(async () => expect(await healedBy(scene, alice)).toEqual([encodeBase64url(away.hash)]));
});

/** What the HEALs of an author name, at the honest relay. */
async function healedBy(scene: Scene, author: Account): Promise<string[]> {
  const query = "query ($author: UserId!) { chain(author: $author, types: [HEAL], first: 50) { nodes { bytes } } }";
  const { data } = await ask(scene.stage.relay, { query, variables: { author: idOf(author) }, token: await author.accessToken() });
  const payloads: Uint8Array[] = data.chain.nodes.map(({ bytes }: Json) => parseEntry(parseBase64url(bytes)).payload);
  return payloads.flatMap(parseHealPayload).map(encodeBase64url);
}
