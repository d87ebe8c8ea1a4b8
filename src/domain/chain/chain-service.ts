import { verifyReceipt } from "../../crypto/public.ts";
import { EntryType, equalBytes, type UserId } from "../../protocol/index.ts";
import { DomainError } from "../domain-error.ts";
import type { DomainLimits } from "../limits.ts";
import type { Bus, ChainRecord, EntryRecord, Page, Repositories, UnitOfWork } from "../ports/index.ts";
import { refusing } from "../protocol-refusal.ts";
import type { Viewer } from "../viewer.ts";
import { appendEntries, type AppendTools, entryEvents, parseEntries } from "./append-entries.ts";
import { requireReader } from "./chain-policy.ts";
import { type ChainHead, headOf } from "./chain-record.ts";
import { demandOneEpoch, storeRotation } from "./store-rotation.ts";

/** A new card comes with everything that it replaces: by another mutation. */
const TYPES = [EntryType.EPOCH, EntryType.BEACON, EntryType.HEAL] as const;

export interface ChainService {
  /** The newest entry of the viewer's own chain. */
  getHead(viewer: Viewer): Promise<ChainHead>;
  /** Entries of a chain the viewer may read, and its newest one. @throws DomainError CHAIN_NOT_READABLE */
  read(viewer: Viewer, options: ChainReadOptions): Promise<Page<EntryRecord> & { head: ChainHead }>;
  /**
   * Appends entries other than thoughts, tombstones and cards in one transaction. A new epoch brings its grants
   * (PROTOCOL.md §3).
   * @throws DomainError as appendEntries and checkRotationGrants; SIZE_EXCEEDED
   */
  append(viewer: Viewer, entries: Uint8Array[], grants: Uint8Array[]): Promise<{ entries: EntryRecord[]; head: ChainHead }>;
  /**
   * Takes the viewer's newest receipt, as a relay that was restored from a backup wants it before the next entry
   * (PROTOCOL.md §3). Returns the head, which is behind the receipt where entries were lost.
   * @throws DomainError BYTES_MALFORMED, SIGNATURE_INVALID, SIGNER_NOT_VIEWER, HEAD_STALE for a receipt behind the head
   */
  showReceipt(viewer: Viewer, receipt: Uint8Array): Promise<ChainHead>;
}

export interface ChainReadOptions {
  author: UserId;
  /** Only entries above this place. */
  after: number | undefined;
  /** Only entries below this place. */
  before: number | undefined;
  types: number[] | undefined;
  newestFirst: boolean;
  first: number;
}

export interface ChainServiceDeps extends AppendTools {
  unitOfWork: UnitOfWork;
  bus: Bus;
  limits: DomainLimits;
}

export function createChainService({ unitOfWork, bus, limits, ...tools }: ChainServiceDeps): ChainService {
  const { chains, friendships } = unitOfWork.repositories;

  return {
    async getHead(viewer) {
      return headOf(await getChain(chains, viewer.userId));
    },

    async read(viewer, options) {
      await requireReader(friendships, viewer, options.author);
      // The head is read last: it is never older than the page.
      const page = await chains.listEntries({ ...options, maxBytes: limits.maxPageBytes });
      return { ...page, head: headOf(await getChain(chains, options.author)) };
    },

    async append(viewer, bytes, grants) {
      demandCount(bytes.length, limits.maxEntriesPerMutation);
      const entries = parseEntries(viewer.userId, bytes, TYPES);
      demandOneEpoch(entries);
      const appended = await unitOfWork.run(async (repositories) => {
        const beginsEpoch = entries.some(({ type }) => type === EntryType.EPOCH);
        // A vault is saved under the same lock, so the version that an epoch names is the newest until it commits.
        if (beginsEpoch) await repositories.users.lock([viewer.userId]);
        const [chain] = await repositories.chains.lock(viewer.userId);
        const appended = await appendEntries(repositories, tools, chain, entries);
        await storeRotation(repositories, appended, grants, limits);
        return appended;
      });
      entryEvents(appended).forEach((event) => bus.publish(event));
      return { entries: appended.entries, head: headOf(appended.chain) };
    },

    async showReceipt(viewer, bytes) {
      const { author, seq } = refusing(() => verifyReceipt(tools.receiptSigner.publicKey, bytes), { "bad-sig": "SIGNATURE_INVALID" });
      if (!equalBytes(author, viewer.userId)) throw new DomainError("SIGNER_NOT_VIEWER", "This receipt is another user's: show one of your own chain.");
      return unitOfWork.run(async (repositories) => {
        const [chain] = await repositories.chains.lock(viewer.userId);
        const head = headOf(chain);
        if (seq < chain.seq) throw new DomainError("HEAD_STALE", "The chain goes on behind this receipt: synchronise, and show the newest one.", { head });
        if (chain.restoration < tools.restorations) await repositories.chains.update({ ...chain, restoration: tools.restorations });
        return head;
      });
    },
  };
}

async function getChain(chains: Repositories["chains"], author: UserId): Promise<ChainRecord> {
  const chain = await chains.find(author);
  if (!chain) throw new DomainError("CHAIN_NOT_READABLE", "The account of this author was deleted, and the chain with it.");
  return chain;
}

function demandCount(count: number, most: number): void {
  if (count === 0) throw new DomainError("ENTRY_INVALID", "There is no entry to append: send at least one.");
  if (count > most) throw new DomainError("SIZE_EXCEEDED", `At most ${most} entries travel in one mutation: send the rest in another one.`);
}
