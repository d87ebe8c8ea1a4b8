import { ready, type PasswordOptions } from "../../crypto/index.ts";
import { EntryType, equalBytes, idKey, parseTombstonePayload, ProtocolError, type ArchiveHead, type UserId } from "../../protocol/index.ts";
import type { LogEntry } from "../author-log.ts";
import type { ReadThought } from "../events.ts";
import { openVerified, readThought, type OpenedBody } from "../readable-chain.ts";
import { matcherOf } from "../search-index.ts";
import { ArchiveCheck, type ArchivedLogEntry } from "./archive-check.ts";
import type { ArchivedChain } from "./archived-chain.ts";
import { openArchiveKey, openPieces, readArchiveHead, type ArchiveSource } from "./archive-file.ts";

/** One chain of a verified archive. */
export interface ArchivedAuthor {
  userId: UserId;
  username: string;
  verification: ReadThought["verification"];
  /** The places that it holds, without a hole. */
  fromSeq: number;
  toSeq: number;
  /** Thoughts that open, edits among them. */
  thoughts: number;
  withdrawn: number;
  /** Thoughts whose key the archive does not hold, or that do not open. */
  unreadable: number;
}

/** What a verified archive holds. */
export interface ArchiveSummary {
  username: string;
  userId: UserId;
  relay: string;
  /** Milliseconds since 1970, says whoever wrote the archive. */
  createdMs: number;
  entries: number;
  /** The own chain first. */
  chains: ArchivedAuthor[];
  proofs: ArchiveCheck["proofs"];
}

/** What changes how thoughts before it are shown. */
interface Effects {
  /** The newest text by the thought that it replaces. */
  edits: Map<string, string>;
  withdrawn: Set<string>;
}

/**
 * An archive whose key is known. Every reading verifies all of it again, by nothing but what it holds; in memory are one
 * piece, the cards, epochs and keys, and the texts of edits.
 */
export class Archive {
  readonly #source: ArchiveSource;
  readonly #head: ArchiveHead;
  readonly #key: Uint8Array;

  private constructor(source: ArchiveSource, head: ArchiveHead, key: Uint8Array) {
    this.#source = source;
    this.#head = head;
    this.#key = key;
  }

  /** Throws ClientError PASSWORD_WRONG, ProtocolError. */
  static async open(source: ArchiveSource, password: string, options: PasswordOptions = {}): Promise<Archive> {
    await ready();
    const head = await readArchiveHead(source);
    return new Archive(source, head, await openArchiveKey(password, head, options));
  }

  /** Verifies everything. Throws ProtocolError for a file that was cut off or changed, and for whatever in it does not hold. */
  async verify(): Promise<ArchiveSummary> {
    const check = new ArchiveCheck();
    const counts = new Map<string, { thoughts: number; unreadable: number }>();
    for await (const { chain, held } of this.#entries(check)) {
      const key = idKey(chain.about.userId);
      const count = counts.get(key) ?? { thoughts: 0, unreadable: 0 };
      counts.set(key, count);
      const body = openArchived(chain, held);
      if (body === "unreadable") count.unreadable += 1;
      else if (body !== undefined) count.thoughts += 1;
    }
    return summaryOf(check, counts);
  }

  /**
   * Thoughts as they read after all edits: chain by chain, the own one first, each oldest first. `words` have to stand in
   * the text, as for Account.search. Throws as verify, before the first thought.
   */
  async *thoughts({ author, words }: { author?: string; words?: string } = {}): AsyncGenerator<ReadThought> {
    const matches = words === undefined ? undefined : matcherOf(words);
    const { edits, withdrawn } = await this.#effects();
    for await (const { chain, held } of this.#entries(new ArchiveCheck())) {
      const { userId, username, verification } = chain.about;
      if (author !== undefined && author !== username) continue;
      const id = idKey(held.hash);
      const body = withdrawn.has(id) ? undefined : openArchived(chain, held);
      if (body === undefined || body === "unreadable" || body.edits !== undefined) continue;
      const thought = readThought({ user: { userId, username } }, held, body, verification);
      const edit = edits.get(editKey(userId, id));
      const shown = edit === undefined ? thought : { ...thought, text: edit, edited: true };
      if (matches?.(shown.text) ?? true) yield shown;
    }
  }

  /** The verified entries of the own chain, oldest first. */
  async *ownEntries(): AsyncGenerator<ArchivedLogEntry> {
    const check = new ArchiveCheck();
    for await (const taken of this.#entries(check)) if (equalBytes(taken.chain.about.userId, check.about.userId)) yield taken;
  }

  /** Whose archive it is, and of which relay. */
  async about(): Promise<ArchiveCheck["about"]> {
    const check = new ArchiveCheck();
    for await (const piece of openPieces(this.#source, this.#key, this.#head)) {
      check.take(piece);
      break;
    }
    return check.about;
  }

  async *#entries(check: ArchiveCheck): AsyncGenerator<ArchivedLogEntry> {
    for await (const piece of openPieces(this.#source, this.#key, this.#head)) yield* check.take(piece);
    check.demandOver();
  }

  async #effects(): Promise<Effects> {
    const effects: Effects = { edits: new Map(), withdrawn: new Set() };
    for await (const { chain, held } of this.#entries(new ArchiveCheck())) {
      const { entry } = held;
      if (entry.type === EntryType.TOMBSTONE && entry.payload !== undefined) effects.withdrawn.add(idKey(parseTombstonePayload(entry.payload)));
      const body = openArchived(chain, held);
      if (body === undefined || body === "unreadable" || body.edits === undefined) continue;
      effects.edits.set(editKey(chain.about.userId, idKey(body.edits)), body.t);
    }
    return effects;
  }
}

// An author whose epochs do not lead back keeps nobody from reading the others.
function openArchived({ keys }: ArchivedChain, held: LogEntry): OpenedBody | undefined {
  try {
    return openVerified(keys, held);
  } catch (error) {
    if (error instanceof ProtocolError) return "unreadable";
    throw error;
  }
}

// Nobody edits another one's thought.
function editKey(author: UserId, target: string): string {
  return `${idKey(author)} ${target}`;
}

function summaryOf({ about, chains, proofs }: ArchiveCheck, counts: Map<string, { thoughts: number; unreadable: number }>): ArchiveSummary {
  const { username, userId, relay, createdMs } = about;
  const authors = chains.map(({ about: { start, headSeq, ...author }, count: { withdrawn } }) => {
    const { thoughts = 0, unreadable = 0 } = counts.get(idKey(author.userId)) ?? {};
    return { userId: author.userId, username: author.username, verification: author.verification, fromSeq: start, toSeq: headSeq, thoughts, withdrawn, unreadable };
  });
  const entries = chains.reduce((sum, { count }) => sum + count.entries, 0);
  return { username, userId, relay, createdMs, entries, chains: authors, proofs };
}
