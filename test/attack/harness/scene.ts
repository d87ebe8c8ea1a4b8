import { randomBytes } from "node:crypto";
import { Account, type ConnectOptions, type FeedItem, type Notice } from "../../../src/client/index.ts";
import { encodeBase64url } from "../../../src/protocol/index.ts";
import { textCanary } from "../../support/canaries.ts";
import { createMember, type Member } from "../../support/member.ts";
import { befriend, textsOf } from "../../scenario/support.ts";
import type { HostileRelay } from "./hostile-relay.ts";
import type { Asked, Lies } from "./lies.ts";
import { AttackSucceeded, codesOf } from "./outcome.ts";
import type { Stage } from "./stage.ts";

/** An attempt that has to be refused ends within so many times the patience. */
const ATTEMPT_PATIENCES = 10;
/** What is known when a client has signed in is told at once. */
const AT_ONCE_MS = 200;

type Told = Partial<Pick<ConnectOptions, "device" | "now">> & { email?: string };

let people = 0;

/** One attack: its people, the relay that lies to them, and what is claimed to be refused. */
export class Scene {
  readonly stage: Stage;
  readonly #refusal: string;
  readonly #whenHonest: () => void;
  readonly #accounts: Account[] = [];
  readonly #notices = new Map<Account, Notice[]>();
  readonly #asked: Asked[] = [];
  #refusals = 0;
  #isHonestPathProven = false;

  constructor(stage: Stage, refusal: string, whenHonest: () => void = () => undefined) {
    this.stage = stage;
    this.#refusal = refusal;
    this.#whenHonest = whenHonest;
    stage.hostile.lies.reform();
    this.#forgetTraffic();
  }

  /** What the relay in between does to those who sign in by `login`. */
  get lies(): Lies {
    return this.stage.hostile.lies;
  }

  // --- people ----------------------------------------------------------------------------------

  /** Somebody new, whom the relay does not lie to. */
  register(name: string, more: Told = {}): Promise<Account> {
    return this.#register(this.stage.honest, name, more);
  }

  /** Somebody new, whom the relay may lie to from the first moment. */
  registerAtHostile(name: string, more: Told = {}): Promise<Account> {
    return this.#register(this.stage.hostile, name, more);
  }

  /** Signs somebody in where the relay lies. */
  login(account: Account, more: Told = {}): Promise<Account> {
    return this.#login(this.stage.hostile, account, more);
  }

  /** Signs somebody in where the relay does not lie. */
  loginHonestly(account: Account): Promise<Account> {
    return this.#login(this.stage.honest, account, {});
  }

  /** Brings an account back by its recovery code, where the relay lies. */
  async recover(account: Account): Promise<Account> {
    const newPassword = this.secret("a new password");
    const options = { ...this.#connection(this.stage.hostile), username: account.username, newPassword, recoveryCode: this.recoveryCodeOf(account) };
    const { account: recovered, recoveryCode } = await Account.recover(options);
    this.stage.passwords.set(account.username, newPassword);
    this.#keepCode(account.username, recoveryCode);
    return this.#keep(recovered);
  }

  /** Two friends who know of each other's keys. */
  async friends(...names: [string, string]): Promise<[Account, Account]> {
    const [a, b] = [await this.register(names[0]), await this.register(names[1])];
    await befriend(a, b);
    return [a, b];
  }

  /** Somebody whose hand signs whatever the attack needs: a false friend, or the relay's accomplice. */
  async accomplice(): Promise<Member> {
    const member = await createMember(this.stage.relay);
    this.stage.addPublic(member.username);
    return member;
  }

  passwordOf({ username }: Account): string {
    return this.stage.passwords.get(username) ?? "";
  }

  recoveryCodeOf({ username }: Account): string {
    return this.stage.recoveryCodes.get(username) ?? "";
  }

  /** A text that must not be found anywhere outside of clients. */
  secret(text: string): string {
    const marked = `${text} ${randomBytes(12).toString("hex")}`;
    this.stage.secrets.push(textCanary(text, marked));
    return marked;
  }

  // --- what is refused -------------------------------------------------------------------------

  /** The attempt ends with the refusal that this attack states: an error's codes, or the words that it resolves with. */
  async refused(attempt: Promise<unknown>): Promise<void> {
    const answer = attempt.then(
      (value) => (typeof value === "string" ? value : undefined),
      (error: unknown) => codesOf(error) ?? String(error),
    );
    const outcome = await Promise.race([answer, wait(ATTEMPT_PATIENCES * this.stage.patienceMs)]);
    if (outcome === undefined) throw new AttackSucceeded("nothing was refused");
    if (outcome !== this.#refusal) throw new Error(`refused with "${outcome}" and not with "${this.#refusal}"`);
    this.#refusals += 1;
  }

  /** The codes of the first problem that a client tells, or undefined. */
  async problemOf(account: Account): Promise<string | undefined> {
    const problem = (): Notice | undefined => this.#notices.get(account)?.find(({ kind }) => ["problem", "alarm", "keyLogAlarm"].includes(kind));
    await waitUntil(() => problem() !== undefined, this.stage.patienceMs);
    const found = problem();
    if (found?.kind === "alarm" || found?.kind === "keyLogAlarm") return found.code;
    return found?.kind === "problem" ? codesOf(found.cause) : undefined;
  }

  /** The next notice of this kind, which a client may have told already: the words that it is told by. */
  async told(account: Account, kind: Notice["kind"]): Promise<string | undefined> {
    await waitUntil(() => this.noticesOf(account, kind).length > 0, this.stage.patienceMs);
    return this.noticesOf(account, kind)[0]?.kind;
  }

  /** All notices of this kind that a client has told since it signed in. */
  noticesOf<Kind extends Notice["kind"]>(account: Account, kind: Kind): Extract<Notice, { kind: Kind }>[] {
    const notices = this.#notices.get(account) ?? [];
    return notices.filter((notice): notice is Extract<Notice, { kind: Kind }> => notice.kind === kind);
  }

  /** How the feed says that a chain is not believed: the alarm's code, or "unreadable". Undefined while it delivers thoughts. */
  async alarmOf(account: Account, patienceMs = this.stage.patienceMs): Promise<string | undefined> {
    const feed = account.feed();
    const deadline = wait(patienceMs);
    for (;;) {
      const next: FeedItem | undefined = await Promise.race([feed.next().then(({ value }) => value ?? undefined), deadline]);
      if (next === undefined) return undefined;
      if (next.kind === "alarm") return next.code;
      if (next.kind === "unreadable") return next.kind;
    }
  }

  /** The same of a client that has signed in just now. */
  alarmAtOnce(account: Account): Promise<string | undefined> {
    return this.alarmOf(account, AT_ONCE_MS);
  }

  /** "NOTHING_SENT" unless a client asked for one of these operations where the relay lies. */
  async nothingSent(...operations: string[]): Promise<string | undefined> {
    return this.asked().some(({ operation }) => operations.includes(operation)) ? undefined : "NOTHING_SENT";
  }

  /** All that clients asked for in this scene, where the relay lies. */
  asked(): Asked[] {
    this.#asked.push(...this.stage.hostile.takeAsked());
    return this.#asked;
  }

  /** What works as soon as the relay is honest. */
  async honest(work: () => Promise<void>): Promise<void> {
    this.lies.reform();
    this.#whenHonest();
    await work();
    this.#isHonestPathProven = true;
  }

  /** Where the relay does not lie, this person reads exactly these thoughts of that one, newest first. */
  readsHonestly(reader: Account, author: Account, ...texts: string[]): Promise<void> {
    return this.honest(async () => {
      const found = await textsOf(await this.loginHonestly(reader), author.username);
      if (JSON.stringify(found) !== JSON.stringify(texts)) throw new Error(`an honest relay's reader finds ${JSON.stringify(found)}`);
    });
  }

  /** Throws unless the attack was refused, nothing secret left a client, and the honest path works. */
  demandHeld(): void {
    if (this.#refusals === 0) throw new Error("the attack states no refusal");
    if (!this.#isHonestPathProven) throw new Error("the attack does not show that the honest path works");
    const sent = { place: "what clients sent", bytes: Buffer.concat([this.stage.honest.tape.takeSent(), this.stage.hostile.tape.takeSent()]) };
    const { found, blindIn } = this.stage.search([sent]);
    if (found.length > 0) throw new AttackSucceeded(`a secret left: ${found.join(", ")}`);
    if (blindIn.length > 0) throw new Error("the scan does not even find user names");
  }

  async close(): Promise<void> {
    this.lies.reform();
    await Promise.allSettled(this.#accounts.map((account) => account.close()));
  }

  // --- inside ----------------------------------------------------------------------------------

  #forgetTraffic(): void {
    for (const { tape } of [this.stage.honest, this.stage.hostile]) tape.takeSent();
    this.stage.hostile.takeAsked();
  }

  async #register(where: HostileRelay, name: string, more: Told): Promise<Account> {
    people += 1;
    const username = `${name}_${people}_${randomBytes(4).toString("hex")}`;
    this.stage.addPublic(username);
    const password = this.secret("a password");
    const notices: Notice[] = [];
    const options = { ...this.#connection(where), ...more, username, password, onNotice: (notice: Notice) => void notices.push(notice) };
    const { account, recoveryCode } = await Account.register(options);
    this.stage.passwords.set(username, password);
    this.#keepCode(username, recoveryCode);
    return this.#keep(account, notices);
  }

  async #login(where: HostileRelay, { username }: Account, more: Told): Promise<Account> {
    const notices: Notice[] = [];
    const password = this.stage.passwords.get(username) ?? "";
    const options = { ...this.#connection(where), ...more, username, password, onNotice: (notice: Notice) => void notices.push(notice) };
    return this.#keep(await Account.login(options), notices);
  }

  #connection({ origin }: HostileRelay): { relay: string; unsafeKeyStretching: true } {
    return { relay: origin, unsafeKeyStretching: true };
  }

  #keep(account: Account, notices: Notice[] = []): Account {
    this.#accounts.push(account);
    this.#notices.set(account, notices);
    return account;
  }

  #keepCode(username: string, code: string): void {
    this.stage.recoveryCodes.set(username, code);
    this.stage.secrets.push(textCanary("a recovery code", code), textCanary("a recovery code without hyphens", code.replaceAll("-", "")));
  }
}

/** The user id as it travels. */
export function idOf({ userId }: { userId: Uint8Array }): string {
  return encodeBase64url(userId);
}

async function waitUntil(holds: () => boolean, patienceMs: number): Promise<void> {
  const deadlineMs = Date.now() + patienceMs;
  while (!holds() && Date.now() < deadlineMs) await wait(5);
}

function wait(ms: number): Promise<undefined> {
  return new Promise((resolve) => setTimeout(() => resolve(undefined), ms));
}
