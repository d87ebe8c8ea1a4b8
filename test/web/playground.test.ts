import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { Account } from "../../src/client/index.ts";
import { befriend } from "../scenario/support.ts";
import type { PlaygroundPage } from "./support/playground-page.ts";
import { createStage, eventually, expectQuiet, hasBrowser, PASSWORD, type Stage } from "./support/stage.ts";

describe.skipIf(!hasBrowser)("the playground", () => {
  let stage: Stage;
  let playground: PlaygroundPage;

  beforeAll(async () => {
    stage = await createStage();
  });
  afterAll(() => stage?.close());
  afterEach(() => playground?.close());

  test("whoever signs in runs a query, a mutation and a subscription that tells of a friend's thought as it is written", async () => {
    const [alice, bob] = [await stage.register("alice"), await stage.register("bob")];
    await befriend(alice, bob);
    await alice.close();

    playground = await stage.open();
    await playground.signIn("alice", PASSWORD);
    await playground.untilSignedIn("alice");

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
    expectQuiet(playground, stage.relay);
  });

  test("whoever registers sees the recovery code, which works, until it is written down", async () => {
    playground = await stage.open({ colorScheme: "dark", width: 800 });
    const { page } = playground;
    await playground.register("carol", PASSWORD);
    await page.getByRole("heading", { name: "Write down your recovery code" }).waitFor();
    const code = await page.getByLabel("Recovery code", { exact: true }).innerText();

    // Looking at something else in between loses nothing.
    await page.getByRole("button", { name: "Show History" }).click();
    await page.getByRole("button", { name: "Recovery code" }).click();
    expect(await page.getByLabel("Recovery code", { exact: true }).innerText()).toBe(code);

    await page.getByRole("button", { name: "I have written it down" }).click();
    await playground.untilSignedIn("carol");
    expect(await page.content()).not.toContain(code);

    const { account } = await Account.recover({ relay: stage.relay.origin, username: "carol", recoveryCode: code, newPassword: "another password" });
    stage.keep(account);
    expect(account.username).toBe("carol");
    expectQuiet(playground, stage.relay);
  });

  test("a wrong password is told, and signing out ends the session on the relay", async () => {
    const dora = await stage.register("dora");
    playground = await stage.open();
    const { page } = playground;
    await playground.signIn("dora", "not the password");
    await page.getByRole("alert").getByText("User name or password is wrong.").waitFor();

    await playground.run("NewThoughts");
    await eventually(playground.answer).toEqual({ errors: [{ message: expect.stringContaining("sign in first") }] });

    await playground.signIn("dora", PASSWORD);
    await playground.untilSignedIn("dora");
    expect(await dora.sessions.list()).toHaveLength(2);

    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    await eventually(() => dora.sessions.list()).toHaveLength(1);
    expectQuiet(playground, stage.relay);

    await playground.run("Viewer");
    await eventually(playground.answer).toMatchObject({ errors: [{ extensions: { code: "UNAUTHENTICATED" } }] });
  });

  test("a session that ends elsewhere ends here, with the reason in sight", async () => {
    const erin = await stage.register("erin");
    playground = await stage.open();
    const { page } = playground;
    await playground.signIn("erin", PASSWORD);
    await playground.untilSignedIn("erin");
    await playground.run("NewThoughts");
    await page.getByRole("button", { name: "Stop query" }).waitFor();

    expect(await erin.sessions.endOthers()).toBe(1);
    await page.getByText("The session has ended: sign in again.").waitFor();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    await eventually(playground.answer).toEqual({ errors: [{ message: expect.stringMatching(/440[13]|session/) }] });
  });

  test("the contract is documented there, and operations that ran are remembered", async () => {
    playground = await stage.open();
    const { page } = playground;
    await playground.run("ThisRelay");
    await eventually(playground.answer).toMatchObject({ data: { relay: { protocolVersion: 1 } } });

    await page.getByRole("button", { name: "Show Documentation Explorer" }).click();
    await page.getByText("The contract of a PeerBrain relay.").waitFor();
    await page.getByRole("link", { name: "Query", exact: true }).click();
    await page.getByText("Needs no access token.").waitFor();

    await page.getByRole("button", { name: "Show History" }).click();
    await page.locator(".graphiql-history-items").getByText("ThisRelay").waitFor();
    expectQuiet(playground, stage.relay);
  });

  test("an operation from a link stands in a tab of its own, marked, and waits to be run", async () => {
    playground = await stage.open();
    const { page } = playground;
    const before = playground.operations.length;
    await playground.open("mutation FromSomebody { endAllSessions(input: { includeCurrent: true }) { __typename } }");
    const editor = page.locator(".graphiql-query-editor .view-lines");
    await editor.getByText("Read it before you run it").waitFor();
    await editor.getByText("FromSomebody").waitFor();
    expect(new URL(page.url()).hash).toBe("");
    expect(playground.operations.slice(before).join("")).not.toContain("FromSomebody");

    // The same link opens the same tab.
    const tabs = await page.getByRole("tab").count();
    await playground.open("mutation FromSomebody { endAllSessions(input: { includeCurrent: true }) { __typename } }");
    expect(await page.getByRole("tab").count()).toBe(tabs);
    expectQuiet(playground, stage.relay);
  });

  test("a copied link opens the operation elsewhere, without its variables", async () => {
    playground = await stage.open();
    const { page } = playground;
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await playground.open("query Somebody($name: Username!) { userByName(username: $name) { id } }");
    await page.getByRole("button", { name: "Variables", exact: true }).click();
    await page.locator(".graphiql-editor-tool .view-lines").first().click();
    await page.keyboard.type('{ "name": "a_secret_friend" }');
    await page.locator(".graphiql-editor-tool").getByText("a_secret_friend").waitFor();
    await page.getByRole("button", { name: "Copy link (without variables)" }).click();
    await page.getByRole("button", { name: "Link copied" }).waitFor();
    const link = await page.evaluate(() => navigator.clipboard.readText());
    expect(link.startsWith(`${stage.relay.origin}/playground`)).toBe(true);
    expect(decodeURIComponent(link)).toContain("query Somebody");
    expect(link).not.toContain("a_secret_friend");
  });

  test("what arrives as text becomes neither markup that acts nor a script from elsewhere", async () => {
    playground = await stage.open();
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
    expect(playground.addresses.filter((address) => !address.startsWith(stage.relay.origin))).toEqual([]);
  });
});
