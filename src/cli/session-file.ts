import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { KeptSession, SessionStore } from "../client/index.ts";
import { CommandError } from "./command-error.ts";
import type { KeyNote } from "./device-key.ts";
import { ExitCode } from "./exit-code.ts";
import { withLock } from "./file-lock.ts";
import { readPrivateFile, writePrivateFile } from "./private-file.ts";
import type { Profile } from "./profile.ts";

/** A profile's session on disk: who and where in the clear, the rest sealed. */
export interface SessionNote extends KeyNote {
  version: 1;
  relay: string;
  username: string;
  /** In base64url. */
  sealed: string;
}

/** Undefined when nobody is signed in. */
export async function readSessionNote(profile: Profile): Promise<SessionNote | undefined> {
  const text = await readPrivateFile(pathOf(profile));
  if (text === undefined) return undefined;
  const note = parseNote(text);
  if (note?.version !== 1) throw new CommandError("PROFILE_BROKEN", `${pathOf(profile)} is not of this program, or of a later version. Update, or remove it and log in again.`);
  return note;
}

export async function removeSessionFile(profile: Profile): Promise<void> {
  await rm(pathOf(profile), { force: true });
}

interface OpenedKey {
  key: Uint8Array;
  note: KeyNote;
}

/** Keeps the session of a profile in its file, sealed, for one program at a time. */
export class SessionFile implements SessionStore {
  readonly #profile: Profile;
  readonly #relay: string;
  readonly #findKey: () => Promise<OpenedKey>;
  #key: Promise<OpenedKey> | undefined;
  #isReplacing: boolean;
  #hasOpened = false;

  /** The key is asked for when it is needed. With `isReplacing` the first session that is written takes the place of what is there. */
  constructor(parts: { profile: Profile; relay: string; findKey: () => Promise<OpenedKey>; isReplacing: boolean }) {
    this.#profile = parts.profile;
    this.#relay = parts.relay;
    this.#findKey = parts.findKey;
    this.#isReplacing = parts.isReplacing;
  }

  update(step: (kept: KeptSession | undefined) => Promise<KeptSession | undefined>): Promise<void> {
    return this.#exclusively(async () => {
      const kept = this.#isReplacing ? undefined : await this.#read();
      const next = await step(kept);
      if (next !== undefined && next !== kept) await this.#write(next);
      if (next === undefined && kept !== undefined) await rm(pathOf(this.#profile), { force: true });
    });
  }

  /** Seals the same session with another key. */
  changeKey(key: OpenedKey): Promise<void> {
    return this.#exclusively(async () => {
      const kept = await this.#read();
      this.#key = Promise.resolve(key);
      if (kept !== undefined) await this.#write(kept);
    });
  }

  #exclusively(work: () => Promise<void>): Promise<void> {
    return withLock(`${pathOf(this.#profile)}.lock`, work);
  }

  async #read(): Promise<KeptSession | undefined> {
    const note = await readSessionNote(this.#profile);
    if (note === undefined) return undefined;
    const [{ key }, { openSession }] = await Promise.all([this.#openedKey(), import("../client/index.ts")]);
    try {
      const kept = await openSession(key, new Uint8Array(Buffer.from(note.sealed, "base64url")));
      this.#hasOpened = true;
      return kept;
    } catch (cause) {
      if ((cause as { code?: unknown }).code !== "bad-seal") throw cause;
      if (this.#hasOpened) throw new CommandError("SIGNED_OUT", "Another program has sealed this profile with another key: start this one again.", { exitCode: ExitCode.SIGNED_OUT, cause });
      if (note.keeper === "password") throw new CommandError("PASSWORD_WRONG", "The password is wrong.", { exitCode: ExitCode.SIGNED_OUT, cause });
      throw new CommandError("PROFILE_BROKEN", "The kept session does not open with its key. Log in again: peerbrain login", { exitCode: ExitCode.SIGNED_OUT, cause });
    }
  }

  async #write(kept: KeptSession): Promise<void> {
    const [{ key, note }, { sealSession }] = await Promise.all([this.#openedKey(), import("../client/index.ts")]);
    const sealed = Buffer.from(await sealSession(key, kept)).toString("base64url");
    const content: SessionNote = { version: 1, relay: this.#relay, username: kept.username, ...note, sealed };
    await writePrivateFile(pathOf(this.#profile), `${JSON.stringify(content, undefined, 2)}\n`);
    this.#isReplacing = false;
  }

  #openedKey(): Promise<OpenedKey> {
    return (this.#key ??= this.#findKey());
  }
}

function parseNote(text: string): SessionNote | undefined {
  try {
    return JSON.parse(text) as SessionNote;
  } catch {
    return undefined;
  }
}

function pathOf({ folder }: Profile): string {
  return join(folder, "session.json");
}
