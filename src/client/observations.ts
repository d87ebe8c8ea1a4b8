import { createObservation, observationTag, openObservation, type ObservationPlace } from "../crypto/index.ts";
import { EntryType, equalBytes, OBSERVATION_TAG_BYTES, parseBeaconPayload, ProtocolError, type EntryId, type ObservedHead } from "../protocol/index.ts";
import type { AuthorLog, LogEntry } from "./author-log.ts";
import type { ClientContext } from "./context.ts";
import type { FriendChain } from "./friend-chain.ts";
import { ObservationTurns } from "./observation-turns.ts";
import { openBody, type ReadableChain } from "./readable-chain.ts";

/** What a friend says about how far they have read somebody: a signed claim, and no proof. */
export interface Claim extends ObservedHead {
  /** Whose chain; undefined for the own one. */
  about: FriendChain | undefined;
  by: FriendChain;
}

interface Heard {
  /** The place of the last entry that was looked at. */
  seq: number;
  /** Thoughts whose key was missing. */
  shut: LogEntry[];
}

/** Tells common friends how far this client has read whom, and hears what they tell (PROTOCOL.md §3 "Observations"). */
export class Observations {
  readonly #context: () => ClientContext;
  readonly #turns = new ObservationTurns();
  readonly #heard = new WeakMap<AuthorLog, Heard>();
  #listener: ((claim: Claim) => void) | undefined;

  constructor(context: () => ClientContext) {
    this.#context = context;
  }

  /** What an own thought or beacon with this id carries. */
  make(entryId: EntryId): Uint8Array[] {
    const { chains, own, log } = this.#context();
    const place = { observer: own.userId, entryId };
    const known = chains.list().filter((chain) => newestThoughtKeys(chain).length > 0);
    return this.#turns.next(known, log.state.seq + 1).flatMap((chain) => {
      const [thoughtKey] = newestThoughtKeys(chain);
      return thoughtKey === undefined ? [] : [createObservation(thoughtKey, place, chain.log.position)];
    });
  }

  /** From now on the listener is told what friends claim: first what their opened chains hold, then whatever comes. */
  listen(listener: (claim: Claim) => void): void {
    this.#listener = listener;
    for (const chain of this.#context().chains.list()) this.hear(chain);
  }

  /** Looks into the entries of a friend that are new, and again into those whose key was missing. */
  hear(by: FriendChain): void {
    const listener = this.#listener;
    if (listener === undefined) return;
    const { log } = by;
    const heard = this.#heard.get(log) ?? { seq: log.start - 1, shut: [] };
    const waiting = [...heard.shut, ...log.entries.slice(heard.seq + 1 - log.start)];
    const shut: LogEntry[] = [];
    this.#heard.set(log, { seq: log.state.seq, shut });
    for (const entry of waiting) {
      const observations = observationsIn(by, entry);
      if (observations === "unreadable") shut.push(entry);
      else for (const claim of this.#recognise(by, entry, observations)) listener(claim);
    }
  }

  // An observation shows whom it is about only to those who hold that author's key.
  #recognise(by: FriendChain, { entry }: LogEntry, observations: Uint8Array[]): Claim[] {
    if (observations.length === 0) return [];
    const { own, log, keys, chains } = this.#context();
    const place = { observer: by.user.userId, entryId: entry.entryId };
    const others = chains.list().filter((chain) => chain !== by);
    const subjects: { chain: ReadableChain; about: FriendChain | undefined }[] = [{ chain: { user: own, log, keys }, about: undefined }, ...others.map((chain) => ({ chain, about: chain }))];
    return subjects.flatMap(({ chain, about }) =>
      newestThoughtKeys(chain).flatMap((thoughtKey) => openAll(thoughtKey, place, observations).map((head) => ({ ...head, about, by }))),
    );
  }
}

function observationsIn(chain: FriendChain, logEntry: LogEntry): Uint8Array[] | "unreadable" {
  const { type, payload } = logEntry.entry;
  if (type === EntryType.BEACON && payload !== undefined) return parseBeaconPayload(payload);
  const body = openBody(chain, logEntry);
  return body === "unreadable" ? body : (body?.obs ?? []);
}

// Who has not seen the newest epoch yet tells under the one before.
function newestThoughtKeys({ log, keys }: ReadableChain): Uint8Array[] {
  const { epoch } = log.state;
  try {
    return [epoch, epoch - 1].flatMap((n) => (n < 0 ? [] : (keys.thoughtKey(n) ?? [])));
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return [];
  }
}

function openAll(thoughtKey: Uint8Array, place: ObservationPlace, observations: Uint8Array[]): ObservedHead[] {
  const tag = observationTag(thoughtKey, place);
  const recognised = observations.filter((one) => equalBytes(one.subarray(0, OBSERVATION_TAG_BYTES), tag));
  return recognised.flatMap((one) => {
    try {
      return openObservation(thoughtKey, place, one);
    } catch (error) {
      // Four bytes may agree by chance.
      if (!(error instanceof ProtocolError)) throw error;
      return [];
    }
  });
}
