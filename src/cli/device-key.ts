import { randomBytes, scrypt } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { CommandError } from "./command-error.ts";
import { ExitCode } from "./exit-code.ts";
import type { Keychain } from "./keychain.ts";
import { readPrivateFile, writePrivateFile } from "./private-file.ts";
import type { Profile } from "./profile.ts";

/** Where the key is that opens a profile's session (docs/CLI.md says what each protects against). */
export const KEEPERS = ["keychain", "password", "file"] as const;
export type Keeper = (typeof KEEPERS)[number];

/** What a session file says about its key. */
export interface KeyNote {
  keeper: Keeper;
  /** Of the stretched password; in base64url. */
  salt?: string;
}

interface KeyParts {
  profile: Profile;
  keychain: Keychain | undefined;
  /** Asked for only where the key comes from it. */
  password: () => Promise<string>;
}

const KEY_BYTES = 32;
const SALT_BYTES = 16;
/** 128 MiB for each guess. */
const STRETCHING = { N: 2 ** 17, r: 8, p: 1, maxmem: 160 * 2 ** 20 };

/** Makes a key and puts it where it is kept: by default in the keychain, and without one nowhere but in the password. */
export async function createDeviceKey(parts: KeyParts, wish: Keeper | undefined): Promise<{ key: Uint8Array; note: KeyNote }> {
  const { profile, keychain } = parts;
  const key = new Uint8Array(randomBytes(KEY_BYTES));
  const text = Buffer.from(key).toString("base64url");
  if (wish === "file") {
    await writePrivateFile(keyFileOf(profile), text);
    return { key, note: { keeper: "file" } };
  }
  if (wish !== "password" && keychain?.write(profile.folder, text) === true) return { key, note: { keeper: "keychain" } };
  if (wish === "keychain") throw new CommandError("KEYCHAIN_MISSING", "This machine has no keychain, or it is locked. Unlock it, or choose --keep password or --keep file.");
  const salt = randomBytes(SALT_BYTES);
  return { key: await stretch(await parts.password(), salt), note: { keeper: "password", salt: salt.toString("base64url") } };
}

/** The key of a session that was kept before. */
export async function readDeviceKey({ profile, keychain, password }: KeyParts, { keeper, salt = "" }: KeyNote): Promise<Uint8Array> {
  if (keeper === "password") return stretch(await password(), Buffer.from(salt, "base64url"));
  const text = keeper === "file" ? await readPrivateFile(keyFileOf(profile)) : keychain?.read(profile.folder);
  if (text === undefined) {
    const place = keeper === "file" ? keyFileOf(profile) : "the keychain";
    throw new CommandError("KEY_MISSING", `The key of this profile is not in ${place} any more. Log in again: peerbrain login`, { exitCode: ExitCode.SIGNED_OUT });
  }
  return new Uint8Array(Buffer.from(text.trim(), "base64url"));
}

/** Forgets a key. What it opened stays shut. */
export async function removeDeviceKey({ profile, keychain }: Pick<KeyParts, "profile" | "keychain">, { keeper }: KeyNote): Promise<void> {
  if (keeper === "keychain") keychain?.remove(profile.folder);
  if (keeper === "file") await rm(keyFileOf(profile), { force: true });
}

function keyFileOf({ folder }: Profile): string {
  return join(folder, "key");
}

/** scrypt, because Node has it and the house's Argon2id is a part of OPAQUE, which needs the relay. */
function stretch(password: string, salt: Uint8Array): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    scrypt(password.normalize("NFC"), salt, KEY_BYTES, STRETCHING, (error, key) => (error ? reject(error) : resolve(new Uint8Array(key))));
  });
}
