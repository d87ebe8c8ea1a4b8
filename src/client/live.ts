import { encodeBase64url, equalBytes, parseBase64url, ProtocolError } from "../protocol/index.ts";
import { backoffMs, sleep } from "./backoff.ts";
import { claimedSeq, parseFetched, type FetchedEntry } from "./chain-source.ts";
import type { ClientContext } from "./context.ts";
import { ClientError } from "./errors.ts";
import type { Emitter, Notice } from "./events.ts";
import type { Feed } from "./feed.ts";
import type { FriendChain } from "./friend-chain.ts";
import type { FriendChains } from "./friend-chains.ts";
import { EntryAppendedDocument, FriendshipChangedDocument, type FriendshipChangedSubscription } from "./generated/graphql.ts";
import { followOwnEpoch, healMissingGrants } from "./granting.ts";
import { Mutex } from "./mutex.ts";
import type { OwnForks } from "./own-forks.ts";
import type { Reconciler } from "./reconciler.ts";

/** Follows the relay's two streams, and comes back by itself: entries by positions, friendships by their numbers. */
export class Live {
  readonly #context: ClientContext;
  readonly #chains: FriendChains;
  readonly #feed: Feed;
  readonly #reconciler: Reconciler;
  readonly #notices: Emitter<Notice>;
  readonly #ownForks: OwnForks;
  readonly #finishRotation: () => Promise<void>;
  readonly #stopping = new AbortController();
  /** Friendship steps run one after the other, beside the entries. */
  readonly #steps = new Mutex();
  #eventNumber: number;
  #loops: Promise<unknown> = Promise.resolve();

  constructor(parts: {
    context: ClientContext;
    chains: FriendChains;
    feed: Feed;
    reconciler: Reconciler;
    notices: Emitter<Notice>;
    ownForks: OwnForks;
    finishRotation: () => Promise<void>;
    eventNumber: number;
  }) {
    this.#context = parts.context;
    this.#chains = parts.chains;
    this.#feed = parts.feed;
    this.#reconciler = parts.reconciler;
    this.#notices = parts.notices;
    this.#ownForks = parts.ownForks;
    this.#finishRotation = parts.finishRotation;
    this.#eventNumber = parts.eventNumber;
  }

  start(): void {
    this.#loops = Promise.all([this.#keep(() => this.#followEntries()), this.#keep(() => this.#followFriendships())]);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loops;
  }

  // Runs a stream for as long as the account is open; a stream that ends or fails is begun again after a random wait.
  async #keep(follow: () => Promise<void>): Promise<void> {
    const { signal } = this.#stopping;
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      const startedMs = this.#context.now();
      const cause = await follow().then(
        () => undefined,
        (error: unknown) => error,
      );
      if (signal.aborted) return;
      this.#notices.emit({ kind: "disconnected", cause });
      if (cause instanceof ClientError && cause.code === "SIGNED_OUT") return this.#stopping.abort();
      // A stream that lasted begins again at once.
      if (this.#context.now() - startedMs > SETTLED_MS) attempt = 0;
      await sleep(backoffMs(attempt), signal);
    }
  }

  async #followEntries(): Promise<void> {
    const { own, log, transport } = this.#context;
    const resumed = new Set(this.#chains.list());
    const logs = [log, ...[...resumed].map((chain) => chain.log)];
    const after = logs.map(({ author, state }) => ({ author: encodeBase64url(author), seq: state.seq }));
    const deliveries = transport.subscribe(EntryAppendedDocument, { after }, this.#stopping.signal);
    for await (const { entryAppended } of deliveries) {
      if (entryAppended.__typename === "CaughtUp") {
        for (const chain of this.#chains.list()) await settle(chain, resumed);
        this.#demandOwnExplained();
        // What was caught up by another way, as with a newer vault, is delivered no more, and may have begun an epoch.
        await followOwnEpoch(this.#context);
        this.#notices.emit({ kind: "connected" });
        this.#feed.notify();
        continue;
      }
      const author = parseBase64url(entryAppended.entry.author);
      const fetched = parseFetched(entryAppended.entry);
      if (equalBytes(author, own.userId)) await this.#takeOwn(fetched);
      else if (await this.#chains.find(author)?.take(fetched)) this.#feed.notify();
    }
  }

  // Another device of the same user wrote this, or it is the echo of what this one wrote.
  async #takeOwn(fetched: FetchedEntry): Promise<void> {
    const { log } = this.#context;
    const { seq } = log.state;
    try {
      if (claimedSeq(fetched.bytes) > seq + 1) await log.catchUp();
      else await this.#ownForks.take(fetched);
    } catch (error) {
      return this.#tellOwnProblem(error);
    }
    await followOwnEpoch(this.#context);
    this.#feed.notify();
  }

  #demandOwnExplained(): void {
    try {
      this.#context.log.demandExplained();
    } catch (error) {
      this.#tellOwnProblem(error);
    }
  }

  #tellOwnProblem(cause: unknown): void {
    if (!(cause instanceof ProtocolError)) throw cause;
    const text = `Your own chain does not verify (${cause.code}): the relay changed it. Stop using this relay.`;
    this.#notices.emit({ kind: "problem", text, cause });
  }

  async #followFriendships(): Promise<void> {
    const variables = { after: this.#eventNumber };
    const events = this.#context.transport.subscribe(FriendshipChangedDocument, variables, this.#stopping.signal);
    for await (const { friendshipChanged } of events) {
      await this.#steps.run(() => this.#follow(friendshipChanged));
      this.#eventNumber = friendshipChanged.number;
    }
  }

  async #follow({ kind, friendship }: FriendshipChangedSubscription["friendshipChanged"]): Promise<void> {
    if (kind === "GRANT_ASKED") await healMissingGrants(this.#context);
    else if (kind === "GRANT_STORED") await this.#refreshGrants(friendship.requester.id, friendship.accepter.id);
    else await this.#reconciler.reconcile(friendship);
    await this.#finishRotation();
    this.#feed.notify();
  }

  async #refreshGrants(...userIds: string[]): Promise<void> {
    for (const userId of userIds) await this.#chains.find(parseBase64url(userId))?.refreshGrants();
  }
}

// Who became a friend while the stream was being opened is delivered live only: what came in between is fetched.
async function settle(chain: FriendChain, resumed: Set<FriendChain>): Promise<void> {
  if (resumed.has(chain)) chain.demandExplained();
  else await chain.catchUp();
}

/** A stream that lasted this long was a good one. */
const SETTLED_MS = 5_000;
