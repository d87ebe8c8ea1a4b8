import { verifyTombstoneTarget } from "../../crypto/public.ts";
import { type Entry, EntryType, parseEntryHeader, parseTombstonePayload, type UserId } from "../../protocol/index.ts";
import { DomainError } from "../domain-error.ts";
import type { DomainLimits } from "../limits.ts";
import type { Bus, EntryRecord, Page, Repositories, ThoughtRecord, UnitOfWork } from "../ports/index.ts";
import { refusing, refusalTexts } from "../protocol-refusal.ts";
import type { Viewer } from "../viewer.ts";
import { type Appended, appendEntries, type AppendTools, entryEvent, entryEvents, parseEntries } from "./append-entries.ts";
import { tryAppendThought } from "./append-thought.ts";
import { mayRead } from "./chain-policy.ts";

/** Which of an author's thoughts: at most `first` of those below a place. */
export interface ThoughtPlace {
  before: number | undefined;
  first: number;
}

export interface ThoughtService {
  /** One thought that the viewer may see. */
  find(viewer: Viewer, author: UserId, seq: number): Promise<ThoughtRecord | undefined>;
  /** Each author's thoughts below a place, newest first; an empty page where the viewer may not see them. */
  listMany(viewer: Viewer, authors: UserId[], place: ThoughtPlace): Promise<Page<ThoughtRecord>[]>;
  /** Appends a thought. @throws DomainError as appendEntries */
  create(viewer: Viewer, entry: Uint8Array): Promise<ThoughtRecord>;
  /**
   * Appends a tombstone and deletes the payload of the thought it names.
   * @throws DomainError THOUGHT_NOT_FOUND and as appendEntries
   */
  withdraw(viewer: Viewer, entry: Uint8Array): Promise<{ thought: ThoughtRecord; tombstone: EntryRecord }>;
}

export interface ThoughtServiceDeps extends AppendTools {
  unitOfWork: UnitOfWork;
  bus: Bus;
  limits: DomainLimits;
}

export function createThoughtService({ unitOfWork, bus, limits, ...tools }: ThoughtServiceDeps): ThoughtService {
  const { chains, friendships } = unitOfWork.repositories;

  async function appendOne(repositories: Repositories, viewer: Viewer, entry: Entry): Promise<{ record: EntryRecord; appended: Appended }> {
    const [chain] = await repositories.chains.lock(viewer.userId);
    const appended = await appendEntries(repositories, tools, chain, [entry]);
    return { record: appended.entries[0] as EntryRecord, appended };
  }

  return {
    async find(viewer, author, seq) {
      if (!(await mayRead(friendships, viewer, author))) return undefined;
      const entry = await chains.findBySeq(author, seq);
      return entry?.type === EntryType.THOUGHT ? entry : undefined;
    },

    // However many authors, an answer holds no more than one page may.
    listMany: (viewer, authors, place) =>
      chains.listThoughts(viewer.userId, authors, { ...place, maxBytes: Math.floor(limits.maxPageBytes / authors.length) }),

    async create(viewer, bytes) {
      const entry = parseOne(viewer, bytes, EntryType.THOUGHT);
      const thought = await tryAppendThought(unitOfWork.repositories, tools, entry);
      if (thought) {
        bus.publish(entryEvent(thought.record, thought.endedEdges));
        return thought.record;
      }
      const { record, appended } = await unitOfWork.run((repositories) => appendOne(repositories, viewer, entry));
      entryEvents(appended).forEach((event) => bus.publish(event));
      return record;
    },

    async withdraw(viewer, bytes) {
      const entry = parseOne(viewer, bytes, EntryType.TOMBSTONE);
      const withdrawn = await unitOfWork.run(async (repositories) => {
        const { record, appended } = await appendOne(repositories, viewer, entry);
        const target = await getTarget(repositories, entry, appended.added.length > 0);
        await repositories.chains.deletePayload(viewer.userId, target.seq);
        return { thought: { ...target, payload: undefined }, tombstone: record, appended };
      });
      entryEvents(withdrawn.appended).forEach((event) => bus.publish(event));
      return withdrawn;
    },
  };
}

function parseOne(viewer: Viewer, bytes: Uint8Array, type: EntryType): Entry {
  const [entry] = parseEntries(viewer.userId, [bytes], [type]);
  return entry as Entry;
}

/**
 * The thought that a tombstone names, and nothing else: a withdrawn EPOCH would kill the history behind it (PROTOCOL.md §3).
 * A thought is withdrawn once; the same tombstone again finds it withdrawn already.
 */
async function getTarget({ chains }: Repositories, tombstone: Entry, isNew: boolean): Promise<EntryRecord> {
  const target = await chains.findByHash(tombstone.author, parseTombstonePayload(tombstone.payload));
  if (!target || (isNew && target.payload === undefined)) throw new DomainError("THOUGHT_NOT_FOUND", refusalTexts.THOUGHT_NOT_FOUND);
  refusing(() => verifyTombstoneTarget(tombstone, parseEntryHeader(target.signedHeader)), { "bad-target": "THOUGHT_NOT_FOUND" });
  return target;
}
