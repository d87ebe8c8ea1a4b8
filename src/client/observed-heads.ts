import { equalBytes, type VaultFriend } from "../protocol/index.ts";
import type { AuthorLog } from "./author-log.ts";
import { backoffMs, sleep } from "./backoff.ts";
import { contradictedAlarm, ownContradictedAlarm, ownWithheldText, withheldAlarm } from "./chain-alarms.ts";
import type { ClientContext } from "./context.ts";
import { ClientError, RelayRefusal } from "./errors.ts";
import type { FriendChain } from "./friend-chain.ts";
import { Mutex } from "./mutex.ts";
import type { Claim } from "./observations.ts";
import { catchUpOwn } from "./own-chain.ts";
import type { OwnForks } from "./own-forks.ts";

/** What a friend has read is in the relay's store: it comes at the first try, or is withheld. */
const MAX_TRIES = 3;

/** Holds what friends say they have read against what the relay shows here (PROTOCOL.md §3 "Observations"). */
export class ObservedHeads {
  readonly #context: ClientContext;
  readonly #ownForks: OwnForks;
  readonly #reconcile: (friend: VaultFriend) => Promise<void>;
  /** Names of friends whose word about the own chain is passed over. */
  readonly #overruled: ReadonlySet<string>;
  readonly #stopping = new AbortController();
  readonly #work = new Mutex();
  readonly #pursued = new Map<FriendChain, number>();
  /** The place at which a chain was said to be withheld. */
  readonly #withheldAt = new WeakMap<FriendChain, number>();
  readonly #contradicted = new Set<string>();
  #own: Claim | undefined;

  constructor(parts: { context: ClientContext; ownForks: OwnForks; reconcile: (friend: VaultFriend) => Promise<void>; overruled: readonly string[] }) {
    this.#context = parts.context;
    this.#ownForks = parts.ownForks;
    this.#reconcile = parts.reconcile;
    this.#overruled = new Set(parts.overruled);
  }

  /** Follows a claim: fetches what is missing, and alarms when it does not come or is another entry. */
  consider(claim: Claim): void {
    const { about } = claim;
    if (about === undefined) return this.#considerOwn(claim);
    if (claim.seq > about.log.state.seq) this.#pursue(about, claim);
    else if (isContradicted(about.log, claim)) this.#contradict(about, claim);
  }

  /** Fetches own entries that a friend has read and this client does not know. Throws ClientError OWN_CHAIN_WITHHELD: then nothing may be written. */
  async demandOwnHead(): Promise<void> {
    const claim = this.#own;
    if (claim === undefined) return;
    const { log } = this.#context;
    if (claim.seq > log.state.seq) await catchUpOwn(log);
    if (claim.seq > log.state.seq) {
      throw new ClientError("OWN_CHAIN_WITHHELD", ownWithheldText({ observer: claim.by.user.username, observed: claim.seq, shown: log.state.seq }));
    }
    this.#own = undefined;
    if (isContradicted(log, claim)) this.#later(() => this.#contradictOwn(claim));
  }

  stop(): void {
    this.#stopping.abort();
  }

  #pursue(chain: FriendChain, claim: Claim): void {
    if ((this.#pursued.get(chain) ?? -1) >= claim.seq) return;
    this.#pursued.set(chain, claim.seq);
    this.#later(async () => {
      try {
        await this.#follow(chain, claim);
      } finally {
        if (this.#pursued.get(chain) === claim.seq) this.#pursued.delete(chain);
      }
    });
  }

  async #follow(chain: FriendChain, claim: Claim): Promise<void> {
    const { signal } = this.#stopping;
    const friend = this.#friendOf(chain);
    for (let attempt = 0; ; attempt += 1) {
      await this.#catchUp(chain, friend);
      if (signal.aborted || !this.#context.chains.list().includes(chain)) return;
      if (claim.seq <= chain.log.state.seq) return isContradicted(chain.log, claim) ? this.#contradict(chain, claim) : undefined;
      const still = this.#friendOf(chain);
      if (still === undefined) return;
      // Another friendship with the same person: what the relay refused during the one before says nothing.
      if (friend === undefined || !equalBytes(still.fid, friend.fid)) return this.#follow(chain, claim);
      if (attempt + 1 === MAX_TRIES) return this.#withhold(chain, claim);
      await sleep(backoffMs(attempt), signal);
    }
  }

  // A relay that refuses may be right: the friendship has ended, and the news of it is still on its way. Of one that refuses
  // to tell even this, the own vault is believed.
  async #catchUp(chain: FriendChain, friend: VaultFriend | undefined): Promise<void> {
    try {
      await chain.catchUp();
    } catch (error) {
      if (!(error instanceof RelayRefusal)) throw error;
      if (friend) await this.#reconcile(friend).catch(ignoreRefusal);
    }
  }

  /** The friend whose entries the relay has to show, as the own vault has it: not before both have confirmed, and not after the end. */
  #friendOf({ isStopped, user }: FriendChain): VaultFriend | undefined {
    if (isStopped) return undefined;
    return this.#context.vault.content.friends.friends.find(({ userId, state }) => state === "CONFIRMED" && equalBytes(userId, user.userId));
  }

  #withhold(chain: FriendChain, claim: Claim): void {
    const { seq: shown } = chain.log.state;
    if (this.#withheldAt.get(chain) === shown) return;
    this.#withheldAt.set(chain, shown);
    chain.raise(withheldAlarm({ author: chain.user.username, observer: claim.by.user.username, observed: claim.seq, shown }));
  }

  // The relay may show the other entry here too, if it is asked: then there is proof.
  #contradict(chain: FriendChain, claim: Claim): void {
    if (!this.#isNew(claim)) return;
    chain.raise(contradictedAlarm({ author: chain.user.username, observer: claim.by.user.username, seq: claim.seq }));
    this.#later(() => chain.lookAgain(claim.seq));
  }

  #considerOwn(claim: Claim): void {
    if (this.#overruled.has(claim.by.user.username)) return;
    const { log } = this.#context;
    if (claim.seq <= log.state.seq) {
      if (isContradicted(log, claim)) this.#later(() => this.#contradictOwn(claim));
      return;
    }
    if (claim.seq > (this.#own?.seq ?? -1)) this.#own = claim;
    this.#later(() => this.demandOwnHead());
  }

  async #contradictOwn(claim: Claim): Promise<void> {
    if (!this.#isNew(claim) || this.#ownForks.isKnown(claim.hashStart)) return;
    this.#alarmOwn(ownContradictedAlarm({ observer: claim.by.user.username, seq: claim.seq }));
    await this.#ownForks.lookAgain(claim.seq);
  }

  #isNew({ about, seq, hashStart }: Claim): boolean {
    const key = [about?.user.username ?? "", seq, hashStart.join()].join(" ");
    if (this.#contradicted.has(key)) return false;
    this.#contradicted.add(key);
    return true;
  }

  #alarmOwn(alarm: { code: string; text: string }): void {
    const { username, userId } = this.#context.own;
    this.#context.notices.emit({ kind: "alarm", username, userId, ...alarm });
  }

  // One claim after the other. Without an answer from the relay nothing is known; the next claim asks again.
  #later(work: () => Promise<void>): void {
    void this.#work.run(work).catch((error: unknown) => {
      if (error instanceof ClientError && error.code === "OWN_CHAIN_WITHHELD") this.#alarmOwn({ code: "withheld", text: error.message });
    });
  }
}

function ignoreRefusal(error: unknown): void {
  if (!(error instanceof RelayRefusal)) throw error;
}

function isContradicted(log: AuthorLog, { seq, hashStart }: Claim): boolean {
  const held = log.at(seq);
  return held !== undefined && !equalBytes(held.hash.subarray(0, hashStart.length), hashStart) && !log.isHealed(hashStart);
}
