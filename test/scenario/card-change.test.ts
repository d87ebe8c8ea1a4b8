import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Account, type Notice } from "../../src/client/index.ts";
import { finishLogin, openVaultItem, startLogin, unwrapWithPassword } from "../../src/crypto/index.ts";
import { idKey, parseManifest } from "../../src/protocol/index.ts";
import { hold, type HeldRequests } from "../support/hold-requests.ts";
import { codeOf, createWorld, nextTexts, passwordOf, textsOf, type World } from "./support.ts";

let world: World;
let database: Client;
beforeAll(async () => {
  world = await createWorld();
  database = new Client(world.relay.database.connection);
  await database.connect();
});
const crashed: HeldRequests[] = [];
afterAll(async () => {
  for (const device of crashed) device.release();
  await database.end();
  await world.close();
});

const NEW_PASSWORD = "nobody knows this one";

/** All notices of somebody from now on. */
function noticesOf(account: Account): Notice[] {
  const notices: Notice[] = [];
  account.onNotice((notice) => void notices.push(notice));
  return notices;
}

async function rowOf(username: string): Promise<Record<string, Buffer & string>> {
  return (await database.query('SELECT * FROM "User" WHERE username = $1', [username])).rows[0];
}

describe("a hard reset", () => {
  test("keeps everything, ends the other devices, and both the new password and the new code bring it back", async () => {
    const alice = await world.register("alice");
    const bob = await world.register("bob");
    const second = await world.login("alice");
    await world.befriend(alice, bob);
    await alice.thoughts.write("before");
    const oldCode = world.recoveryCodeOf("alice");

    const code = await alice.reset(passwordOf("alice"), NEW_PASSWORD);
    expect(code).not.toBe(oldCode);
    expect(await codeOf(second.thoughts.write("from a lost device"))).toBe("SIGNED_OUT");
    expect(await codeOf(world.login("alice"))).toBe("PASSWORD_WRONG");
    expect((await alice.thoughts.write("after")).epoch).toBe(1);
    const again = await world.login("alice", { password: NEW_PASSWORD });
    expect(await textsOf(again)).toEqual(["after", "before"]);
    expect(again.friends.list()).toMatchObject([{ username: "bob" }]);
    await again.thoughts.write("from a new device");

    const connect = { relay: world.relay.origin, unsafeKeyStretching: true, username: "alice", newPassword: "newer" };
    expect(await codeOf(Account.recover({ ...connect, recoveryCode: oldCode }))).toBe("RECOVERY_CODE_WRONG");
    const { account } = await Account.recover({ ...connect, recoveryCode: code });
    expect(await textsOf(world.keep(account))).toEqual(["from a new device", "after", "before"]);
    await expect.poll(() => textsOf(bob, "alice")).toEqual(["from a new device", "after", "before"]);
  });

  test("with the wrong password changes nothing", async () => {
    const ada = await world.register("ada");
    expect(await codeOf(ada.reset("wrong", NEW_PASSWORD))).toBe("PASSWORD_WRONG");
    await ada.thoughts.write("as before");
    expect(await textsOf(await world.login("ada"))).toEqual(["as before"]);
  });

  test("without a new password is a new card, a new master key and a new code; again and again", async () => {
    const carl = await world.register("carl");
    const dora = await world.register("dora");
    await world.befriend(carl, dora);
    for (const round of [1, 2, 3]) {
      await carl.reset(passwordOf("carl"));
      await carl.thoughts.write(`round ${round}`);
    }
    expect(await rowOf("carl")).toMatchObject({ cardVersion: 4, wrapVersion: 4 });
    const feed = dora.feed();
    expect(await nextTexts(feed, 3)).toEqual(["round 1", "round 2", "round 3"]);
    expect(await textsOf(await world.login("carl"))).toEqual(["round 3", "round 2", "round 1"]);
  });

  test("leaves nothing to the old password at a relay that kept its record and wraps", async () => {
    const eve = await world.register("eve");
    const frank = await world.register("frank");
    await world.befriend(eve, frank);
    const kept = await rowOf("eve");
    await eve.reset(passwordOf("eve"), NEW_PASSWORD);
    await eve.thoughts.write("only for friends");

    const { registrationRecord, passwordWrap, wrapVersion, recoveryWrap, recoveryVerifier, recoveryWrapVersion } = kept;
    const fresh = await rowOf("eve");
    const store = (row: typeof kept) =>
      database.query(
        `UPDATE "User" SET "registrationRecord" = $2, "passwordWrap" = $3, "wrapVersion" = $4, "recoveryWrap" = $5, "recoveryVerifier" = $6, "recoveryWrapVersion" = $7 WHERE username = $1`,
        ["eve", row.registrationRecord, row.passwordWrap, row.wrapVersion, row.recoveryWrap, row.recoveryVerifier, row.recoveryWrapVersion],
      );
    await store({ ...fresh, registrationRecord, passwordWrap, wrapVersion, recoveryWrap, recoveryVerifier, recoveryWrapVersion } as typeof kept);
    // The old password proves itself to such a relay, and the old code too; neither opens the vault.
    expect(await codeOf(world.login("eve"))).toBe("VAULT_BROKEN");
    const connect = { relay: world.relay.origin, unsafeKeyStretching: true, username: "eve", newPassword: "taken over" };
    expect(await codeOf(Account.recover({ ...connect, recoveryCode: world.recoveryCodeOf("eve") }))).toBe("VAULT_BROKEN");

    const masterKey = await oldMasterKey("eve", kept);
    const manifest = parseManifest((await database.query('SELECT manifest FROM "Vault" WHERE "userId" = $1', [kept["id"]])).rows[0].manifest);
    const { rows } = await database.query('SELECT item, "itemVersion", sealed FROM "VaultItem" WHERE "userId" = $1', [kept["id"]]);
    expect(rows.map(({ item }) => item).sort()).toEqual([1, 2, 3, 4]);
    expect(rows.every(({ itemVersion }) => itemVersion >= manifest.vaultVersion - 1)).toBe(true);
    const userId = new Uint8Array(kept["id"] ?? []);
    for (const { item, itemVersion, sealed } of rows) {
      expect(() => openVaultItem({ masterKey, userId, itemVersion, item, sealed: new Uint8Array(sealed) })).toThrowError(expect.objectContaining({ code: "bad-seal" }));
    }
    await store(fresh);
    expect(await textsOf(await world.login("eve", { password: NEW_PASSWORD }))).toEqual(["only for friends"]);
  });

  // As a thief does who knows the password and has a relay with the record of before.
  async function oldMasterKey(username: string, { id, passwordWrap, wrapVersion }: Record<string, Buffer & string>): Promise<Uint8Array> {
    const password = passwordOf(username);
    const { state, request } = startLogin(password);
    const query = "mutation ($input: StartLoginInput!) { startLogin(input: $input) { ... on LoginStarted { loginResponse } } }";
    const response = await fetch(world.relay.url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query, variables: { input: { username, loginRequest: request } } }),
    });
    const { data } = (await response.json()) as { data: { startLogin: { loginResponse: string } } };
    const { exportKey } = finishLogin({ state, password, response: data.startLogin.loginResponse }, { unsafeKeyStretching: true });
    return unwrapWithPassword(exportKey, new Uint8Array(id ?? []), Number(wrapVersion), new Uint8Array(passwordWrap ?? []));
  }

  test("finishes a rotation that is pending, and heals what was abandoned", async () => {
    const gina = await world.register("gina");
    const hugo = await world.register("hugo");
    const second = await world.login("gina");
    await world.befriend(gina, hugo);
    const feed = hugo.feed();
    await Promise.all([...Array(6).keys()].map((index) => (index % 2 ? gina : second).thoughts.write(`thought ${index}`)));
    await gina.reset(passwordOf("gina"), NEW_PASSWORD);
    await gina.thoughts.write("at last");
    expect((await nextTexts(feed, 7)).at(-1)).toBe("at last");
  });
});

describe("a device that crashes in a hard reset", () => {
  const lost = new Error("the device is gone");

  test("before the relay heard of it has changed nothing, and a new try succeeds with a card of its own", async () => {
    const held = hold();
    const ines = await world.register("ines", { fetch: held.fetch });
    const jack = await world.register("jack");
    await world.befriend(ines, jack);
    const notices = noticesOf(jack);
    held.when("replaceCard", () => Promise.reject(lost));
    void ines.reset(passwordOf("ines"), NEW_PASSWORD).catch(() => undefined);
    await held.reached("replaceCard");
    held.cut();
    crashed.push(held);

    const after = await world.login("ines");
    expect(await codeOf(world.login("ines", { password: NEW_PASSWORD }))).toBe("PASSWORD_WRONG");
    await after.reset(passwordOf("ines"), NEW_PASSWORD);
    await after.thoughts.write("after the crash");
    await expect.poll(() => textsOf(jack, "ines")).toEqual(["after the crash"]);
    expect(notices.filter(({ kind }) => kind === "cardChanged" || kind === "suspended")).toMatchObject([{ kind: "cardChanged" }]);
    expect(await rowOf("ines")).toMatchObject({ cardVersion: 2 });
  });

  test("before it heard the answer finds everything in place under the new password", async () => {
    const held = hold();
    const kate = await world.register("kate", { fetch: held.fetch });
    const liam = await world.register("liam");
    await world.befriend(kate, liam);
    await kate.thoughts.write("before");
    held.when("replaceCard", async (send) => {
      await send();
      throw lost;
    });
    void kate.reset(passwordOf("kate"), NEW_PASSWORD).catch(() => undefined);
    await held.reached("replaceCard");
    await expect.poll(async () => (await rowOf("kate"))["cardVersion"]).toBe(2);
    held.cut();
    crashed.push(held);

    expect(await codeOf(world.login("kate"))).toBe("PASSWORD_WRONG");
    const after = await world.login("kate", { password: NEW_PASSWORD });
    expect((await after.thoughts.write("after")).epoch).toBe(1);
    expect(await textsOf(after)).toEqual(["after", "before"]);
    await expect.poll(() => textsOf(liam, "kate")).toEqual(["after", "before"]);
  });

  test("that lives on repeats what got no answer, and it has one effect", async () => {
    const held = hold();
    const mona = await world.register("mona", { fetch: held.fetch });
    let sent = 0;
    held.when("replaceCard", async (send) => {
      await send();
      if ((sent += 1) === 1) throw lost;
      return send();
    });
    const code = await mona.reset(passwordOf("mona"), NEW_PASSWORD);
    expect(sent).toBe(2);
    expect(await rowOf("mona")).toMatchObject({ cardVersion: 2, wrapVersion: 2 });
    await mona.thoughts.write("goes on");
    const connect = { relay: world.relay.origin, unsafeKeyStretching: true, username: "mona", newPassword: "newer" };
    world.keep((await Account.recover({ ...connect, recoveryCode: code })).account);
  });
});

describe("a hard reset that meets others", () => {
  test("is finished by the next call when the relay did not answer, which gives the code that is in force", async () => {
    const held = hold();
    const vera = await world.register("vera", { fetch: held.fetch });
    const failure = (): Response => Response.json({ errors: [{ message: "something broke", extensions: { code: "INTERNAL" } }] });
    held.when("replaceCard", async (send) => {
      await send();
      return failure();
    });
    expect(await codeOf(vera.reset(passwordOf("vera"), NEW_PASSWORD))).toBe("RELAY_FAILED");
    held.when("replaceCard", (send) => send());
    const code = await vera.reset(passwordOf("vera"), NEW_PASSWORD);
    expect(await rowOf("vera")).toMatchObject({ cardVersion: 2, wrapVersion: 2 });
    await vera.thoughts.write("goes on");
    const connect = { relay: world.relay.origin, unsafeKeyStretching: true, username: "vera", newPassword: "newer" };
    world.keep((await Account.recover({ ...connect, recoveryCode: code })).account);
  });

  test("that the relay refused after all is given up by who writes next, and nothing has changed", async () => {
    const held = hold();
    const wim = await world.register("wim", { fetch: held.fetch });
    held.when("replaceCard", async () => Response.json({ errors: [{ message: "something broke", extensions: { code: "INTERNAL" } }] }));
    expect(await codeOf(wim.reset(passwordOf("wim"), NEW_PASSWORD))).toBe("RELAY_FAILED");
    await database.query('DELETE FROM "LoginAttempt"');
    held.when("replaceCard", (send) => send());
    expect((await wim.thoughts.write("under the old card")).epoch).toBe(0);
    await wim.reset(passwordOf("wim"), NEW_PASSWORD);
    expect((await wim.thoughts.write("under the new card")).epoch).toBe(1);
    expect(await textsOf(wim)).toEqual(["under the new card", "under the old card"]);
  });

  test("signs again with the same card and the same proof when another device was faster", async () => {
    const held = hold();
    const xena = await world.register("xena", { fetch: held.fetch });
    const yves = await world.register("yves");
    await world.befriend(xena, yves);
    const second = await world.login("xena");
    const notices = noticesOf(yves);
    const between = [() => second.thoughts.write("faster"), () => second.friends.markVerified("yves")];
    let [tries, proofs] = [0, 0];
    held.when("startLogin", (send) => {
      proofs += 1;
      return send();
    });
    held.when("replaceCard", async (send) => {
      tries += 1;
      await between.shift()?.();
      return send();
    });
    await xena.reset(passwordOf("xena"), NEW_PASSWORD);
    expect([tries, proofs]).toEqual([3, 1]);
    await xena.thoughts.write("at last");
    await expect.poll(() => textsOf(yves, "xena")).toEqual(["at last", "faster"]);
    expect(xena.friends.list()).toMatchObject([{ username: "yves", verification: "verified" }]);
    expect(notices.filter(({ kind }) => kind === "cardChanged" || kind === "suspended")).toMatchObject([{ kind: "cardChanged" }]);
  });
});

test("a hard reset ends at a relay that lacks the same grants again and again", async () => {
  const [zoe, yuri] = [await world.register("zoe"), await world.register("yuri")];
  await world.befriend(zoe, yuri);
  const forgetful: typeof fetch = async (input, init) => {
    if (!(init?.body as string).includes("query MissingGrants")) return fetch(input, init);
    return Response.json({ data: { missingGrants: [{ recipient: { id: idKey(yuri.userId) }, asked: true }] } });
  };
  const phone = await world.login("zoe", { fetch: forgetful });
  await phone.reset(passwordOf("zoe"));
  const { text } = await phone.thoughts.write("after the reset");
  await expect.poll(() => textsOf(yuri, "zoe")).toEqual([text]);
});

test("a hard reset answers its code, although the grants that follow it are refused", async () => {
  const [zack, yoko] = [await world.register("zack"), await world.register("yoko")];
  await world.befriend(zack, yoko);
  const refusing: typeof fetch = async (input, init) => {
    const body = init?.body as string;
    if (body.includes("query MissingGrants")) return Response.json({ data: { missingGrants: [{ recipient: { id: idKey(yoko.userId) }, asked: true }] } });
    if (body.includes("mutation StoreGrants")) return Response.json({ data: { storeGrants: { __typename: "GrantInvalid", code: "GRANT_INVALID", message: "Not this one." } } });
    return fetch(input, init);
  };
  const isReset = { isTrue: false };
  const phone = await world.login("zack", { fetch: (input, init) => (isReset.isTrue ? refusing(input, init) : fetch(input, init)) });
  isReset.isTrue = true;
  const recoveryCode = await phone.reset(passwordOf("zack"));
  const { account } = await Account.recover({ relay: world.relay.origin, unsafeKeyStretching: true, username: "zack", newPassword: NEW_PASSWORD, recoveryCode });
  world.keep(account);
});
