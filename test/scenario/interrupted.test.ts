import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Notice } from "../../src/client/index.ts";
import { idKey, parseBase64url, parseGrant } from "../../src/protocol/index.ts";
import { ask } from "../support/graphql.ts";
import { hookedFetch } from "../support/hooked-fetch.ts";
import { codeOf, createWorld, nextNotice, textsOf, type World } from "./support.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

interface Gate {
  /** Requests wait from here on. */
  close(): void;
  open(): void;
  /** How many have come to the closed gate. */
  readonly waiting: number;
  pass(): Promise<void>;
}

function createGate(): Gate {
  let opened = Promise.resolve();
  let open = (): void => undefined;
  let isClosed = false;
  let waiting = 0;
  return {
    close() {
      isClosed = true;
      opened = new Promise((resolve) => (open = resolve));
    },
    open: () => open(),
    get waiting() {
      return waiting;
    },
    pass() {
      if (isClosed) waiting += 1;
      return opened;
    },
  };
}

/** A fetch whose requests pass the gate of their operation. */
function gatedFetch(gates: Record<string, Gate>, reach: typeof fetch = fetch): typeof fetch {
  return async (input, init) => {
    const operation = Object.keys(gates).find((one) => new RegExp(`${one}\\b`).test(init?.body as string));
    if (operation !== undefined) await gates[operation]?.pass();
    return reach(input, init);
  };
}

describe("a device whose vault is behind", () => {
  test("seals no key of a new epoch to whom the epoch leaves out, whatever the relay says is missing", async () => {
    const wendy = await world.register("wendy");
    const xavier = await world.register("xavier");
    await world.befriend(wendy, xavier);
    const grants: string[] = [];
    const lying: typeof fetch = async (input, init) => {
      const { query, variables } = JSON.parse(init?.body as string) as { query: string; variables: { input?: { grants?: string[] } } };
      if (query.includes("mutation StoreGrants")) grants.push(...(variables.input?.grants ?? []));
      if (!query.includes("query MissingGrants")) return fetch(input, init);
      return Response.json({ data: { missingGrants: [{ recipient: { id: idKey(xavier.userId) }, asked: true }] } });
    };
    const [missing, vault] = [createGate(), createGate()];
    const phone = await world.login("wendy", { fetch: gatedFetch({ "query MissingGrants": missing, "query Vault": vault }, lying) });
    missing.close();
    vault.close();

    const query = "mutation ($input: AskForGrantInput!) { askForGrant(input: $input) { __typename } }";
    await ask(world.relay, { query, variables: { input: { author: idKey(wendy.userId) } }, token: await xavier.accessToken() });
    await expect.poll(() => missing.waiting).toBe(1);
    await wendy.friends.end("xavier");
    // The new epoch has arrived, and the vault in which it was decided has not.
    await expect.poll(() => vault.waiting).toBe(1);
    const told = nextNotice(phone, "ended");
    missing.open();
    await expect.poll(() => vault.waiting + grants.length).toBeGreaterThan(0);
    await new Promise((resolve) => setTimeout(resolve, 300));
    vault.open();
    await told;
    const leaked = grants.map((grant) => parseGrant(parseBase64url(grant))).filter(({ n, recipient }) => n > 0 && idKey(recipient) === idKey(xavier.userId));
    expect(leaked).toEqual([]);
  });

  test("is delivered what was written between two friendships with the same person", async () => {
    const alice = await world.register("alice");
    const bob = await world.register("bob");
    await world.befriend(alice, bob);
    const vault = createGate();
    const phone = await world.login("bob", { fetch: gatedFetch({ "query Vault": vault }) });
    expect(await textsOf(phone, "alice")).toEqual([]);
    vault.close();
    const told = nextNotice(bob, "ended");
    await alice.friends.end("bob");
    await alice.thoughts.write("between");
    await told;
    await world.befriend(alice, bob);
    vault.open();
    await expect.poll(() => textsOf(phone, "alice")).toEqual(["between"]);
  });
});

test("a grant that is read before the epoch with which it came is no grant that does not hold", async () => {
  const [erin, frank, grace] = [await world.register("erin"), await world.register("frank"), await world.register("grace")];
  await world.befriend(erin, frank);
  await world.befriend(erin, grace);
  const notices: Notice[] = [];
  const rotate = (): Promise<void> => erin.friends.end("grace");
  const onNotice = (notice: Notice): void => void notices.push(notice);
  const phone = await world.login("frank", { fetch: hookedFetch({ "query Grants": { before: rotate } }), onNotice });
  expect((await erin.thoughts.write("in the new epoch")).epoch).toBe(1);
  await expect.poll(() => textsOf(phone, "erin")).toEqual(["in the new epoch"]);
  expect(notices.filter(({ kind }) => kind === "problem" || kind === "alarm")).toEqual([]);
});

test("a withdrawal that is interrupted brings no replaced text back, and is completed when it is called again", async () => {
  const carol = await world.register("carol");
  const dave = await world.register("dave");
  await world.befriend(carol, dave);
  const { id } = await carol.thoughts.write("regretted");
  await carol.thoughts.edit(id, "regretted too");
  const phone = await world.login("carol", { fetch: hookedFetch({ "mutation WithdrawThought": { after: () => "lost" } }) });
  await expect(phone.thoughts.withdraw(id)).rejects.toThrow();
  await phone.close();
  await expect.poll(() => textsOf(dave, "carol")).toEqual([]);
  await expect.poll(() => textsOf(carol)).toEqual([]);
  await carol.thoughts.withdraw(id);
  expect(await codeOf(carol.thoughts.withdraw(id))).toBe("THOUGHT_UNKNOWN");
});
