import { randomBytes } from "node:crypto";
import { Account, type ConnectOptions, type FeedItem, type Notice, type ReadThought } from "../../src/client/index.ts";
import { scan, textCanary, type Place } from "../support/canaries.ts";
import { recordKeys } from "../support/key-recorder.ts";
import { openKeptDatabase } from "../support/kept-database.ts";
import { startTestRelay, type RunningRelay, type RunningRelayOptions } from "../support/relay.ts";
import { createWireTap } from "../support/wire-tap.ts";

/** A relay and the people on it; all of them are closed with it, and what the operator holds then is searched for secrets. */
export interface World {
  relay: RunningRelay;
  register(username: string, options?: Partial<ConnectOptions>): Promise<Account>;
  login(username: string, options?: Partial<ConnectOptions> & { password?: string }): Promise<Account>;
  befriend(requester: Account, accepter: Account): Promise<void>;
  recoveryCodeOf(username: string): string;
  /** Takes over an account that a test opened by itself. */
  keep(account: Account): Account;
  close(): Promise<void>;
}

export async function createWorld(options: RunningRelayOptions = {}): Promise<World> {
  const relay = await startTestRelay(options);
  const accounts: Account[] = [];
  const recoveryCodes = new Map<string, string>();
  const tap = createWireTap();
  const recording = await recordKeys();
  const connect = { relay: relay.origin, unsafeKeyStretching: true, fetch: tap.fetch, webSocket: tap.webSocket };
  const keep = (account: Account): Account => {
    accounts.push(account);
    return account;
  };
  return {
    relay,
    keep,
    async register(username, more = {}) {
      const { account, recoveryCode } = await Account.register({ ...connect, ...more, username, password: passwordOf(username) });
      recoveryCodes.set(username, recoveryCode);
      return keep(account);
    },
    async login(username, more = {}) {
      return keep(await Account.login({ ...connect, password: passwordOf(username), ...more, username }));
    },
    befriend,
    recoveryCodeOf: (username) => recoveryCodes.get(username) ?? "",
    async close() {
      await Promise.all(accounts.map((account) => account.close()));
      const secrets = [MARK, ...[...recoveryCodes.values()].map((code) => textCanary("a recovery code", code)), ...recording.keys()];
      recording.stop();
      const found = scan(secrets, [...(await placesOf(relay)), { place: "traffic", bytes: tap.captured() }]);
      await relay.stop();
      if (found.length > 0) throw new Error(`secrets outside of clients: ${JSON.stringify(found)}`);
    },
  };
}

async function placesOf({ database, logs }: RunningRelay): Promise<Place[]> {
  const kept = await openKeptDatabase(database);
  const dump = JSON.stringify(await kept.dump());
  await kept.close();
  return [{ place: "the database", bytes: Buffer.from(dump) }, { place: "the log", bytes: Buffer.from(logs.join("")) }];
}

/** Resolves when both sides know it. */
export async function befriend(requester: Account, accepter: Account): Promise<void> {
  const told = Promise.all([requester, accepter].map((account) => nextNotice(account, "befriended")));
  await requester.friends.request(accepter.username);
  await accepter.friends.accept(requester.username);
  await told;
}

/** In every password: whatever holds it knows a password. */
const MARK = textCanary("a password", randomBytes(12).toString("hex"));

export function passwordOf(username: string): string {
  return `the password of ${username} ${MARK.bytes.toString()}`;
}

/** Resolves with the next notice of this kind. */
export function nextNotice<Kind extends Notice["kind"]>(account: Account, kind: Kind): Promise<Extract<Notice, { kind: Kind }>> {
  return new Promise((resolve) => {
    const stop = account.onNotice((notice) => {
      if (notice.kind !== kind) return;
      stop();
      resolve(notice as Extract<Notice, { kind: Kind }>);
    });
  });
}

/** The next item of a feed. */
export async function nextItem(feed: AsyncGenerator<FeedItem>): Promise<FeedItem> {
  const { value } = await feed.next();
  if (value === undefined) throw new Error("the feed has ended");
  return value;
}

/** The texts of the next thoughts of a feed; any other item fails. */
export async function nextTexts(feed: AsyncGenerator<FeedItem>, count: number): Promise<string[]> {
  const texts: string[] = [];
  while (texts.length < count) {
    const item = await nextItem(feed);
    if (item.kind !== "thought") throw new Error(`the feed delivered "${item.kind}"`);
    texts.push(item.thought.text);
  }
  return texts;
}

/** Reads on until a thought with this text has come. */
export async function readUntil(feed: AsyncGenerator<FeedItem>, text: string): Promise<void> {
  for (let item = await nextItem(feed); item.kind !== "thought" || item.thought.text !== text; item = await nextItem(feed));
}

/** All thoughts of somebody, newest first. */
export async function textsOf(reader: Account, username?: string): Promise<string[]> {
  return (await thoughtsOf(reader, username)).map(({ text }) => text);
}

export async function thoughtsOf(reader: Account, username?: string): Promise<ReadThought[]> {
  const thoughts: ReadThought[] = [];
  for await (const thought of reader.thoughts.by(username)) thoughts.push(thought);
  return thoughts;
}

/** The code of the error that this work ends with. */
export async function codeOf(work: Promise<unknown>): Promise<unknown> {
  const error = await work.then(
    () => undefined,
    (caught: unknown) => caught,
  );
  return (error as { code?: unknown } | undefined)?.code;
}
