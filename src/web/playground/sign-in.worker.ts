/// <reference lib="webworker" />
import { Account, ClientError } from "../../client/index.ts";
import { readEntry } from "./read-entry.ts";
import type { Credentials, Output, WorkerAnswer, WorkerCalls, WorkerQuestion } from "./worker-calls.ts";

// Keys and passwords live here, out of the page's reach: the SDK signs in, keeps the session and hands out access tokens.
let account: Account | undefined;

const calls: { [Call in keyof WorkerCalls]: (...input: Parameters<WorkerCalls[Call]>) => Promise<Output<Call>> } = {
  async login(credentials) {
    return open(await Account.login(here(credentials)));
  },
  async register(credentials) {
    const { account: registered, recoveryCode } = await Account.register(here(credentials));
    return { ...open(registered), recoveryCode };
  },
  async accessToken() {
    if (!account) throw new ClientError("SIGNED_OUT", "You are signed out: sign in again.");
    return account.accessToken();
  },
  async read(shown) {
    const reader = account;
    if (!reader) throw new ClientError("SIGNED_OUT", "You are signed out: sign in again.");
    return Promise.all(shown.map((entry) => readEntry(reader, entry)));
  },
  async logout() {
    const leaving = account;
    account = undefined;
    await leaving?.logout();
  },
};

self.addEventListener("message", (event: MessageEvent<WorkerQuestion>) => {
  const { id } = event.data;
  answer(event.data).then(
    (output) => tell({ kind: "done", id, output }),
    (error: unknown) => tell({ kind: "failed", id, text: describe(error) }),
  );
});

function answer({ call, input }: WorkerQuestion): Promise<Output<keyof WorkerCalls>> {
  const run = calls[call] as (...input: unknown[]) => Promise<Output<keyof WorkerCalls>>;
  return run(...input);
}

function here(credentials: Credentials): Credentials & { relay: string; deviceName: string } {
  return { ...credentials, relay: self.location.origin, deviceName: "playground" };
}

function open(opened: Account): { username: string } {
  account = opened;
  opened.onNotice((notice) => {
    if (account !== opened) return;
    if (notice.kind === "keyLogAlarm" || notice.kind === "problem") tell({ kind: "warning", text: notice.text });
    const isOver = notice.kind === "disconnected" && notice.cause instanceof ClientError && notice.cause.code === "SIGNED_OUT";
    if (!isOver) return;
    account = undefined;
    tell({ kind: "signedOut", text: "The session has ended: sign in again." });
  });
  void tellAlarms(opened);
  return { username: opened.username };
}

// The feed also tells of what was wrong before anybody listened.
async function tellAlarms(opened: Account): Promise<void> {
  for await (const item of opened.feed()) {
    if (account !== opened) return;
    if (item.kind === "alarm") tell({ kind: "warning", text: item.text });
  }
}

function tell(message: WorkerAnswer): void {
  self.postMessage(message);
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
