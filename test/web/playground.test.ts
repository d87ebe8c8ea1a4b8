import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { Account } from "../../src/client/index.ts";
import type { TemporaryFolder } from "../support/folders.ts";
import { type RunningRelay, startTestRelay } from "../support/relay.ts";
import { findBrowser, launchBrowser } from "./support/browser.ts";
import { createBuiltCheckout } from "./support/built-checkout.ts";
import { openPlayground, type PlaygroundPage } from "./support/playground-page.ts";

const executable = findBrowser();
if (executable === undefined) process.stderr.write("NO BROWSER: there is no Chromium on this machine, so the playground is not tested.\n");
const PASSWORD = "a password for the playground";

/** Within a time that only a machine without hope exceeds. */
const eventually = <Seen>(look: () => Seen | Promise<Seen>, interval = 50) => expect.poll(look, { interval, timeout: 45_000 });

describe.skipIf(executable === undefined)("the playground", () => {
  let checkout: TemporaryFolder;
  let relay: RunningRelay;
  let browser: Browser;
  let playground: PlaygroundPage;
  const people: Account[] = [];

  beforeAll(async () => {
    checkout = await createBuiltCheckout();
    // Less than the margin in which the client exchanges its token: it does so before every operation.
    relay = await startTestRelay({ checkoutFolder: checkout.path, limits: { accessTokenSeconds: 20 } });
    browser = await launchBrowser(String(executable));
  });

  afterAll(async () => {
    await browser?.close();
    await Promise.all(people.map((person) => person.close()));
    await relay?.stop();
    await checkout?.remove();
  });

  afterEach(() => playground?.close());

  const register = async (username: string): Promise<Account> => {
    const { account } = await Account.register({ relay: relay.origin, username, password: PASSWORD, deviceName: "elsewhere" });
    people.push(account);
    return account;
  };

  const befriend = async (requester: Account, accepter: Account): Promise<void> => {
    await requester.friends.request(accepter.username);
    await accepter.friends.accept(requester.username);
    await eventually(() => requester.friends.list().map(({ username }) => username)).toContain(accepter.username);
  };

  const expectQuiet = (): void => {
    expect(playground.complaints).toEqual([]);
    expect([...new Set(playground.addresses.map((address) => new URL(address).host))]).toEqual([new URL(relay.origin).host]);
  };

  test("whoever signs in runs a query, a mutation and a subscription that tells of a friend's thought as it is written", async () => {
    const [alice, bob] = [await register("alice"), await register("bob")];
    await befriend(alice, bob);
    await alice.close();

    playground = await openPlayground(browser, relay.origin);
    await playground.signIn("alice", PASSWORD);
    await playground.page.getByRole("heading", { name: "Signed in as alice" }).waitFor();

    await playground.run("Viewer");
    await eventually(playground.answer).toMatchObject({
      data: { viewer: { user: { username: "alice" }, friends: { nodes: [{ state: "CONFIRMED", peer: { username: "bob" } }] } } },
    });
    expect(playground.operations.filter((body) => body.includes("refreshSession"))).not.toEqual([]);

    await playground.run("SetEmail");
    await eventually(playground.answer).toEqual({ data: { setEmail: { __typename: "EmailSet", listedByEmail: false } } });

    await playground.run("NewThoughts");
    const written: { text: string; seq: number }[] = [];
    const writeAndLook = async (): Promise<unknown> => {
      // Who subscribes hears what comes later, and the first one may come before the relay knows.
      written.push(await bob.thoughts.write("good morning, playground"));
      return (await playground.answer())?.data.thoughtCreated;
    };
    await eventually(writeAndLook, 500).toMatchObject({ author: { username: "bob" }, sealedText: expect.stringMatching(/^[\w-]{300,}$/) });
    expect(written.map(({ seq }) => seq)).toContain((await playground.answer()).data.thoughtCreated.seq);

    await playground.page.getByRole("button", { name: "Stop query" }).click();
    await playground.run("Feed");
    await eventually(playground.answer).toMatchObject({ data: { feed: { nodes: expect.arrayContaining([expect.objectContaining({ author: { username: "bob" } })]) } } });
    expect(await playground.page.content()).not.toContain("good morning");
    expectQuiet();
  });

  test("whoever registers sees the recovery code, which works, until it is written down", async () => {
    playground = await openPlayground(browser, relay.origin, { colorScheme: "dark", width: 800 });
    const { page } = playground;
    await playground.register("carol", PASSWORD);
    await page.getByRole("heading", { name: "Write down your recovery code" }).waitFor();
    const code = await page.getByLabel("Recovery code", { exact: true }).innerText();

    // Looking at something else in between loses nothing.
    await page.getByRole("button", { name: "Show History" }).click();
    await page.getByRole("button", { name: "Recovery code" }).click();
    expect(await page.getByLabel("Recovery code", { exact: true }).innerText()).toBe(code);

    await page.getByRole("button", { name: "I have written it down" }).click();
    await page.getByRole("heading", { name: "Signed in as carol" }).waitFor();
    expect(await page.content()).not.toContain(code);

    const { account } = await Account.recover({ relay: relay.origin, username: "carol", recoveryCode: code, newPassword: "another password" });
    people.push(account);
    expect(account.username).toBe("carol");
    expectQuiet();
  });

  test("a wrong password is told, and signing out ends the session on the relay", async () => {
    const dora = await register("dora");
    playground = await openPlayground(browser, relay.origin);
    const { page } = playground;
    await playground.signIn("dora", "not the password");
    await page.getByRole("alert").getByText("User name or password is wrong.").waitFor();

    await playground.run("NewThoughts");
    await eventually(playground.answer).toEqual({ errors: [{ message: expect.stringContaining("sign in first") }] });

    await playground.signIn("dora", PASSWORD);
    await page.getByRole("heading", { name: "Signed in as dora" }).waitFor();
    expect(await dora.sessions.list()).toHaveLength(2);

    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    await eventually(() => dora.sessions.list()).toHaveLength(1);
    expectQuiet();

    await playground.run("Viewer");
    await eventually(playground.answer).toMatchObject({ errors: [{ extensions: { code: "UNAUTHENTICATED" } }] });
  });

  test("a session that ends elsewhere ends here, with the reason in sight", async () => {
    const erin = await register("erin");
    playground = await openPlayground(browser, relay.origin);
    const { page } = playground;
    await playground.signIn("erin", PASSWORD);
    await page.getByRole("heading", { name: "Signed in as erin" }).waitFor();
    await playground.run("NewThoughts");
    await page.getByRole("button", { name: "Stop query" }).waitFor();

    expect(await erin.sessions.endOthers()).toBe(1);
    await page.getByText("The session has ended: sign in again.").waitFor();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    await eventually(playground.answer).toEqual({ errors: [{ message: expect.stringMatching(/440[13]|session/) }] });
  });

  test("the contract is documented there, and operations that ran are remembered", async () => {
    playground = await openPlayground(browser, relay.origin);
    const { page } = playground;
    await playground.run("ThisRelay");
    await eventually(playground.answer).toMatchObject({ data: { relay: { protocolVersion: 1 } } });

    await page.getByRole("button", { name: "Show Documentation Explorer" }).click();
    await page.getByText("The contract of a PeerBrain relay.").waitFor();
    await page.getByRole("link", { name: "Query", exact: true }).click();
    await page.getByText("Needs no access token.").waitFor();

    await page.getByRole("button", { name: "Show History" }).click();
    await page.locator(".graphiql-history-items").getByText("ThisRelay").waitFor();
    expectQuiet();
  });

  test("what arrives as text becomes neither markup that acts nor a script from elsewhere", async () => {
    playground = await openPlayground(browser, relay.origin);
    const attempts = {
      markup: () => {
        document.createElement("div").innerHTML = "<img src=x onerror=alert(1)>";
      },
      link: () => {
        document.createElement("div").innerHTML = "<a href=javascript:alert(1)>here</a>";
      },
      worker: () => {
        new Worker("https://elsewhere.example/script.js");
      },
      policy: () => {
        const { trustedTypes } = globalThis as unknown as { trustedTypes: { createPolicy(name: string, rules: object): void } };
        trustedTypes.createPolicy("another", {});
      },
    };
    for (const attempt of Object.values(attempts)) await expect(playground.page.evaluate(attempt)).rejects.toThrow(TypeError.name);
    expect(playground.addresses.filter((address) => !address.startsWith(relay.origin))).toEqual([]);
  });
});
