import { WebSocket as NodeWebSocket } from "ws";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DeviceStore, InFlight } from "../../src/client/index.ts";
import { idKey, parseBase64url, parseEntry, parseEpochPayload, parseFriendshipRecord, parseGrant } from "../../src/protocol/index.ts";
import { hookedFetch } from "../support/hooked-fetch.ts";
import { codeOf, createWorld, nextNotice, textsOf, type World } from "./support.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

/** Sockets that reach nobody: a device with them learns only what it asks for. */
const deaf = {
  webSocket: class extends NodeWebSocket {
    constructor() {
      super("ws://127.0.0.1:9");
    }
  } as unknown as typeof WebSocket,
};

function opening(): { gate: Promise<void>; open: () => void } {
  let open = (): void => undefined;
  const gate = new Promise<void>((resolve) => (open = resolve));
  return { gate, open };
}

function memoryStore(): DeviceStore {
  let held: InFlight | undefined;
  return { read: async () => held, write: async (inFlight) => void (held = inFlight) };
}

describe("two devices of one user, each of which acts before it heard of the other", () => {
  test("ask the same person: it stays one request, and its acceptance makes friends", async () => {
    const alice = await world.register("alice");
    const bob = await world.register("bob");
    const second = await world.login("alice");
    await alice.friends.request("bob");
    await second.friends.request("bob");
    const told = Promise.all([alice, second, bob].map((account) => nextNotice(account, "befriended")));
    await bob.friends.accept("alice");
    await told;
    expect([alice, second].map((account) => account.friends.list())).toMatchObject([[{ username: "bob" }], [{ username: "bob" }]]);
  });

  test("ask somebody who has declined the first time: the second request is a new one", async () => {
    const carol = await world.register("carol", deaf);
    const dave = await world.register("dave");
    await carol.friends.request("dave");
    await dave.friends.decline("carol");
    await carol.friends.request("dave");
    expect((await dave.friends.requests()).received).toMatchObject([{ username: "carol" }]);
  });

  describe("ask somebody although the other one has given that request up, because the relay refused it", () => {
    // The first device is refused, and the second one sends the same request a moment later.
    const refusing = (): { fetch: typeof fetch; sendAnyway: () => Promise<unknown> } => {
      let request: Parameters<typeof fetch> | undefined;
      return {
        fetch: async (...args) => {
          if (!(args[1]?.body as string).includes("mutation RequestFriendship")) return fetch(...args);
          request = args;
          return Response.json({ data: { requestFriendship: { __typename: "Refused", code: "REQUEST_EXISTS", message: "refused" } } });
        },
        sendAnyway: async () => request && fetch(request[0], { ...request[1], signal: null }),
      };
    };

    test("it is taken back", async () => {
      const hooked = refusing();
      const arno = await world.register("arno", { fetch: hooked.fetch });
      const berta = await world.register("berta");
      expect(await codeOf(arno.friends.request("berta"))).toBe("REQUEST_EXISTS");
      const told = nextNotice(berta, "requested");
      await hooked.sendAnyway();
      await told;
      await expect.poll(() => berta.friends.requests()).toMatchObject({ received: [] });
      await berta.friends.request("arno");
      expect((await arno.friends.requests()).received).toMatchObject([{ username: "berta" }]);
    });

    test("it is ended if it was accepted before anybody saw it", async () => {
      const hooked = refusing();
      const clara = await world.register("clara", { fetch: hooked.fetch });
      const dirk = await world.register("dirk");
      expect(await codeOf(clara.friends.request("dirk"))).toBe("REQUEST_EXISTS");
      await clara.close();
      await hooked.sendAnyway();
      await dirk.friends.accept("clara");
      const ended = nextNotice(dirk, "ended");
      const again = await world.login("clara");
      await ended;
      await dirk.friends.request("clara");
      expect((await again.friends.requests()).received).toMatchObject([{ username: "dirk" }]);
    });
  });

  test("write under an epoch that the other one began and is done with", async () => {
    const erin = await world.register("erin");
    const frank = await world.register("frank");
    await world.befriend(erin, frank);
    const { gate, open } = opening();
    let isSignedIn = false;
    const late: typeof fetch = async (input, init) => {
      if (isSignedIn && (init?.body as string).includes("query Vault")) await gate;
      return fetch(input, init);
    };
    const third = await world.login("erin", { fetch: late });
    isSignedIn = true;
    await erin.friends.end("frank");
    open();
    await erin.thoughts.write("from the first");
    await expect.poll(() => textsOf(third)).toEqual(["from the first"]);
    expect((await third.thoughts.write("from the other")).epoch).toBe(1);
  });
});

describe("signing in", () => {
  test("while another device begins an epoch finds a newer vault, and no lie", async () => {
    const grace = await world.register("grace");
    const heidi = await world.register("heidi");
    await world.befriend(grace, heidi);
    const fetch = hookedFetch({ "query Chain": { before: () => grace.friends.end("heidi") } });
    expect((await world.login("grace", { fetch })).friends.list()).toEqual([]);
  });

  test("while another device leaves out, one after the other, whom a key is sealed for, succeeds all the same", async () => {
    const ivan = await world.register("ivan");
    const friends = [await world.register("judy"), await world.register("kim"), await world.register("lena")];
    for (const friend of friends) await world.befriend(ivan, friend);
    const leaving = ["judy", "kim"];
    const tellsMissing: typeof fetch = async (input, init) => {
      const body = init?.body as string;
      const leaver = body.includes("mutation StoreGrants") ? leaving.shift() : undefined;
      if (leaver !== undefined) await ivan.friends.end(leaver);
      if (!body.includes("query MissingGrants")) return fetch(input, init);
      const missingGrants = friends.map(({ userId }) => ({ recipient: { id: Buffer.from(userId).toString("base64url") }, asked: true }));
      return Response.json({ data: { missingGrants } });
    };
    expect((await world.login("ivan", { fetch: tellsMissing })).friends.list()).toMatchObject([{ username: "lena" }]);
    expect(leaving).toEqual([]);
  });

  test("while another device begins an epoch and writes in it, reads that at once", async () => {
    const aaron = await world.register("aaron");
    const beth = await world.register("beth");
    await world.befriend(aaron, beth);
    const inFlight = { userId: idKey(aaron.userId), seq: 0, entryHashes: [] };
    const read = async (): Promise<InFlight> => {
      await aaron.friends.end("beth");
      await aaron.thoughts.write("under the new key");
      return inFlight;
    };
    const phone = await world.login("aaron", { device: { read, write: async () => undefined } });
    await expect.poll(() => textsOf(phone)).toEqual(["under the new key"]);
  });

  test("after a crash abandons nothing that arrived, however much came after it", async () => {
    const device = memoryStore();
    const first = await world.register("mike");
    const phone = await world.login("mike", { device, fetch: hookedFetch({ "mutation CreateThought": { after: () => "lost" } }) });
    await expect(phone.thoughts.write("arrived")).rejects.toThrow();
    await phone.close();
    await world.register("niaj");
    await first.thoughts.write("one more");
    await first.friends.request("niaj");
    const again = await world.login("mike", { device });
    const { seq } = await first.thoughts.write("and one");
    // A device that is behind loses its place, and names what it lost: that is not meant here.
    await expect.poll(() => textsOf(again)).toHaveLength(3);
    expect((await again.thoughts.write("the next")).seq).toBe(seq + 1);
    expect(await textsOf(again)).toEqual(["the next", "and one", "one more", "arrived"]);
  });
});

describe("a device that knows less than another of its user", () => {
  test("takes back nothing of how far that one has read", async () => {
    const olivia = await world.register("olivia");
    const peggy = await world.register("peggy");
    await world.befriend(olivia, peggy);
    const slow = await world.login("peggy", deaf);
    const { seq } = await olivia.thoughts.write("read by the other one");
    await expect.poll(() => textsOf(peggy, "olivia")).toHaveLength(1);
    await peggy.close();
    await slow.close();
    const pins: unknown[] = [];
    const fetchPins: typeof fetch = async (input, init) => {
      const { query, variables } = JSON.parse(init?.body as string) as { query: string; variables: { author: string; before: number } };
      const isOlivia = query.includes("query Chain") && variables.author === Buffer.from(olivia.userId).toString("base64url");
      if (isOlivia) pins.push(variables.before);
      return fetch(input, init);
    };
    await world.login("peggy", { fetch: fetchPins });
    expect(pins[0]).toBe(seq + 1);
  });

  test("takes no thought for stolen that was withdrawn since", async () => {
    const rupert = await world.register("rupert");
    const sybil = await world.register("sybil");
    const { id } = await rupert.thoughts.write("regretted");
    await rupert.thoughts.write("kept");
    await world.befriend(rupert, sybil);
    let isReading = false;
    const fetchLate: typeof fetch = async (input, init) => {
      if (isReading && (init?.body as string).includes("query Chain")) {
        isReading = false;
        await rupert.thoughts.withdraw(id);
      }
      return fetch(input, init);
    };
    await sybil.close();
    const reader = await world.login("sybil", { ...deaf, fetch: fetchLate });
    isReading = true;
    expect(await textsOf(reader, "rupert")).toEqual(["kept"]);
  });

  test("ends one friendship after another, though the first end never left it", async () => {
    const [trent, ursula, victor] = [await world.register("trent"), await world.register("ursula"), await world.register("victor")];
    await world.befriend(trent, ursula);
    await world.befriend(trent, victor);
    const phone = await world.login("trent", { fetch: hookedFetch({ "mutation EndFriendship": { before: () => "lost" } }) });
    await expect(phone.friends.end("ursula")).rejects.toThrow();
    await phone.friends.end("victor");
    await expect.poll(() => [ursula.friends.list(), victor.friends.list()]).toEqual([[], []]);
  });

  test("leaves it to that one to end a friendship, when it finds another one ended by the other side", async () => {
    const [kurt, lise, mona] = [await world.register("kurt"), await world.register("lise"), await world.register("mona")];
    for (const friend of [lise, mona]) await world.befriend(kurt, friend);
    await kurt.close();
    const { gate: isPhoneIn, open: letLaptopGoOn } = opening();
    const { gate: isPlanned, open: letPhoneGoOn } = opening();
    let isLost = false;
    const slow: typeof fetch = async (input, init) => {
      const { query, variables } = JSON.parse(init?.body as string) as { query: string; variables: { input: { record: string } } };
      if (!query.includes("mutation EndFriendship")) return fetch(input, init);
      const isFirst = !isLost;
      isLost = true;
      if (isFirst) return Response.json({ errors: [{ message: "lost", extensions: { code: "INTERNAL" } }] });
      if (idKey(parseFriendshipRecord(parseBase64url(variables.input.record)).peer) !== idKey(mona.userId)) return fetch(input, init);
      letPhoneGoOn();
      await isPhoneIn;
      return fetch(input, init);
    };
    const laptop = await world.login("kurt", { ...deaf, fetch: slow });
    await expect(laptop.friends.end("lise")).rejects.toThrow();
    await lise.friends.end("kurt");
    let ending: Promise<void> | undefined;
    const before = async (): Promise<void> => {
      ending = laptop.friends.end("mona");
      await isPlanned;
    };
    await world.login("kurt", { fetch: hookedFetch({ "mutation EndFriendship": { before } }) });
    letLaptopGoOn();
    await ending;
    await expect.poll(() => mona.friends.list()).toEqual([]);
  });

  test("seals nothing with a key of which a grant left for somebody who had ended the friendship", async () => {
    const [hanna, igor, jonas] = [await world.register("hanna"), await world.register("igor"), await world.register("jonas")];
    await world.befriend(hanna, igor);
    await world.befriend(hanna, jonas);
    const sent: { entries: string[]; grants: string[] }[] = [];
    const listening: typeof fetch = async (input, init) => {
      const { query, variables } = JSON.parse(init?.body as string) as { query: string; variables: { input: { entries: string[]; grants: string[] } } };
      if (query.includes("mutation EndFriendship")) sent.push(variables.input);
      return fetch(input, init);
    };
    const phone = await world.login("hanna", { ...deaf, fetch: listening });
    await hanna.close();
    await igor.friends.end("hanna");
    await phone.friends.end("jonas");

    const grantsToIgor = sent.flatMap(({ grants }) => grants.map((grant) => parseGrant(parseBase64url(grant)))).filter(({ recipient }) => idKey(recipient) === idKey(igor.userId));
    const stored = parseEpochPayload(parseEntry(parseBase64url(sent.at(-1)?.entries.at(-1) ?? "")).payload);
    expect(grantsToIgor.length).toBeGreaterThan(0);
    expect(grantsToIgor.map(({ commitment }) => idKey(commitment))).not.toContain(idKey(stored.commitment));
  });

  test("finds the key of its newest epoch while that one begins one after the other", async () => {
    const [walter, yasmin, zelda] = [await world.register("walter"), await world.register("yasmin"), await world.register("zelda")];
    await world.befriend(walter, yasmin);
    await world.befriend(walter, zelda);
    const end = (name: string) => ({ before: () => walter.friends.end(name) });
    // One epoch begins once the vault is open, and another before the key of that one is asked for.
    const phone = await world.login("walter", { fetch: hookedFetch({ "query KeyLog": end("yasmin"), "query Grants": end("zelda") }) });
    expect((await phone.thoughts.write("under the newest key")).epoch).toBe(2);
  });
});
