import type { Environment } from "./environment.ts";

/** The keychain of the operating system, where there is one: macOS Keychain, Windows Credential Manager, Secret Service. */
export interface Keychain {
  read(name: string): string | undefined;
  /** False when the keychain does not take it: it is locked, or not there at all. */
  write(name: string, secret: string): boolean;
  remove(name: string): void;
}

const SERVICE = "peerbrain";

/** Undefined where there is none, or it is switched off. */
export async function findKeychain({ variables }: Environment): Promise<Keychain | undefined> {
  if (variables["PEERBRAIN_KEYCHAIN"] === "off") return undefined;
  try {
    const { Entry } = await import("@napi-rs/keyring");
    return {
      read: (name) => attempt(() => new Entry(SERVICE, name).getPassword() ?? undefined),
      write: (name, secret) => attempt(() => (new Entry(SERVICE, name).setPassword(secret), new Entry(SERVICE, name).getPassword() === secret)) ?? false,
      remove: (name) => void attempt(() => new Entry(SERVICE, name).deletePassword()),
    };
  } catch {
    // No binary for this system.
    return undefined;
  }
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
