import type { Account, ConnectOptions, Notice } from "../client/index.ts";
import { CommandError, Interrupted, UsageError } from "./command-error.ts";
import type { Context } from "./context.ts";
import { createDeviceKey, readDeviceKey, removeDeviceKey, type Keeper, type KeyNote } from "./device-key.ts";
import { ExitCode } from "./exit-code.ts";
import { openInFlightFile } from "./in-flight-file.ts";
import { findKeychain } from "./keychain.ts";
import { tellWarnings } from "./news.ts";
import { profileOf } from "./profile.ts";
import { relayUrlOf } from "./relay-address.ts";
import { readSessionNote, removeSessionFile, SessionFile, type SessionNote } from "./session-file.ts";

/** Somebody waits at the terminal: long enough for a relay that restarts, and for an address that is wrong. */
const PATIENCE_MS = 5_000;

/** Opens the account of the profile, runs work with it, and closes it whatever happens. */
export async function withAccount<T>(context: Context, work: (account: Account, profile: SignedInProfile) => Promise<T>, more: Pick<ConnectOptions, "archive"> = {}): Promise<T> {
  const note = await signedIn(context);
  const keyParts = { ...(await keyPartsOf(context)), password: () => context.passwords.present(`Password of ${note.username}`) };
  const findKey = async (): Promise<{ key: Uint8Array; note: KeyNote }> => ({ key: await readDeviceKey(keyParts, note), note: noteOfKey(note) });
  const sessionFile = new SessionFile({ profile: keyParts.profile, relay: note.relay, findKey, isReplacing: false });
  // The key first: nobody waits for the relay to be asked for a password.
  await sessionFile.update(async (kept) => kept);
  const { Account } = await import("../client/index.ts");
  let isConnected = false;
  const onNotice = ({ kind }: Notice): void => {
    if (kind === "connected" || kind === "disconnected") isConnected = kind === "connected";
  };
  const profile: SignedInProfile = {
    note,
    isConnected: () => isConnected,
    changePassword: async (password) => {
      if (note.keeper === "password") await sessionFile.changeKey(await createDeviceKey({ ...keyParts, password: async () => password }, "password"));
    },
    forget: () => removeDeviceKey(keyParts, note),
  };
  const resume = (options: ConnectOptions): Promise<Account> => Account.resume({ ...options, sessionStore: sessionFile });
  const open = (options: ConnectOptions): Promise<Account> => orInterrupted(resume(options), context.interrupted);
  const use = (account: Account): Promise<T> => {
    const result = work(account, profile);
    return context.command.finishesWhenInterrupted ? result : orInterrupted(result, context.interrupted);
  };
  return run(context, { ...more, relay: note.relay, sessionStore: sessionFile, onNotice }, open, (account) => account, use);
}

/** What a command may do with the profile whose account is open. */
export interface SignedInProfile {
  note: SessionNote;
  /** Whether the relay's streams are open right now. */
  isConnected(): boolean;
  /** Seals the session anew where its key comes from the password. */
  changePassword(password: string): Promise<void>;
  /** Removes the key of a session that is over. */
  forget(): Promise<void>;
}

/** Signs in by whatever way, keeps the session in the profile, and runs work with what came of it. */
export async function withNewAccount<T extends { account: Account }, Result>(
  context: Context,
  { relay, password, keep }: { relay: string; password: string; keep: Keeper | undefined },
  signIn: (options: ConnectOptions) => Promise<T>,
  work: (result: T, keeper: Keeper) => Promise<Result>,
): Promise<Result> {
  const keyParts = { ...(await keyPartsOf(context)), password: async () => password };
  let keeper: Keeper = "password";
  const findKey = async (): Promise<{ key: Uint8Array; note: KeyNote }> => {
    const made = await createDeviceKey(keyParts, keep);
    keeper = made.note.keeper;
    return made;
  };
  const sessionStore = new SessionFile({ profile: keyParts.profile, relay, findKey, isReplacing: true });
  return run(context, { relay, sessionStore }, signIn, ({ account }) => account, (result) => work(result, keeper));
}

/** Forgets a session that is over: its file and its key. */
export async function forgetHere(context: Context): Promise<void> {
  const note = await signedIn(context);
  const keyParts = await keyPartsOf(context);
  await removeDeviceKey(keyParts, note);
  await removeSessionFile(keyParts.profile);
}

/** Where and who the profile is. Throws CommandError SIGNED_OUT. */
async function signedIn(context: Context): Promise<SessionNote> {
  const profile = profileOf(context);
  const note = await readSessionNote(profile);
  const which = profile.name === "default" ? "" : ` --profile ${profile.name}`;
  if (note === undefined) {
    throw new CommandError("SIGNED_OUT", `Nobody is signed in here. Begin with: peerbrain register${which}, or on another device's user: peerbrain login${which}`, { exitCode: ExitCode.SIGNED_OUT });
  }
  const { relay } = context.options;
  if (relay !== undefined && relayUrlOf(relay) !== note.relay) throw new UsageError(`This profile belongs to ${note.username} on ${note.relay}. For another relay use another --profile.`);
  return note;
}

async function run<T, Result>(
  context: Context,
  parts: Pick<ConnectOptions, "relay" | "onNotice" | "archive"> & { sessionStore: SessionFile },
  open: (options: ConnectOptions) => Promise<T>,
  accountOf: (opened: T) => Account,
  work: (opened: T) => Promise<Result>,
): Promise<Result> {
  const { terminal, environment } = context;
  const device = await openInFlightFile(profileOf(context));
  try {
    const warn = tellWarnings(terminal);
    const onNotice = (notice: Notice): void => {
      warn(notice);
      parts.onNotice?.(notice);
    };
    const opened = await terminal.during(`Talking to ${parts.relay}`, open({ ...parts, device, patienceMs: PATIENCE_MS, deviceName: environment.deviceName, onNotice }));
    try {
      return await work(opened);
    } finally {
      await accountOf(opened).close();
    }
  } finally {
    await device.release();
  }
}

/** Work that may be left alone when somebody presses Ctrl-C. */
function orInterrupted<T>(work: Promise<T>, interrupted: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(new Interrupted());
    if (interrupted.aborted) stop();
    interrupted.addEventListener("abort", stop, { once: true });
    work.then(resolve, reject).finally(() => interrupted.removeEventListener("abort", stop));
  });
}

async function keyPartsOf(context: Context) {
  return { profile: profileOf(context), keychain: await findKeychain(context.environment) };
}

function noteOfKey({ keeper, salt }: KeyNote): KeyNote {
  return { keeper, ...(salt !== undefined && { salt }) };
}
