import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTemporaryFolder, type TemporaryFolder } from "../support/folders.ts";
import { findProgram } from "../support/find-program.ts";
import { openSecretService, type SecretService } from "./secret-service.ts";
import { createMachine, type Machine, peerbrain } from "./support.ts";

const isThere = ["gnome-keyring-daemon", "dbus-daemon", "dbus-send"].every((name) => findProgram(name) !== undefined);
if (!isThere) process.stderr.write("NO KEYCHAIN: there is no GNOME Keyring on this machine, so keeping a session in a keychain is not tested.\n");

describe.skipIf(!isThere)("the keychain of a desktop", () => {
  let machine: Machine;
  let folder: TemporaryFolder;
  let service: SecretService;
  beforeAll(async () => {
    [machine, folder] = await Promise.all([createMachine(), createTemporaryFolder()]);
    service = await openSecretService(join(folder.path, "desktop"));
  });
  afterAll(async () => {
    await service.close();
    await machine.close();
    await folder.remove();
  });

  const withKeychain = (...args: string[]) => peerbrain(["--profile", "kim", ...args], { variables: { ...machine.variables, ...service.variables, PEERBRAIN_KEYCHAIN: "on" } });

  test("keeps the key of a session, and no file is of use without it", async () => {
    const registered = await withKeychain("register", "kim", "--password-file", machine.passwordFile);
    expect(registered).toMatchObject({ exitCode: 0, err: expect.stringContaining("The key of this session is in the keychain of this machine.") });
    expect(await service.countItems()).toBe(1);
    expect((await withKeychain("think", "From the keychain.")).exitCode).toBe(0);
    expect((await withKeychain("read")).out).toContain("From the keychain.");
    expect(await machine.as("kim", "read")).toMatchObject({ exitCode: 3, out: "", err: expect.stringContaining("(KEY_MISSING)") });
  });

  test("forgets it when the session ends", async () => {
    expect((await withKeychain("logout")).exitCode).toBe(0);
    expect(await service.countItems()).toBe(0);
    expect((await withKeychain("whoami")).err).toContain("(SIGNED_OUT)");
  });
});
