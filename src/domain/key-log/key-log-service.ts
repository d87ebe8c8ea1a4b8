import type { InclusionProof } from "../../protocol/index.ts";
import { DomainError } from "../domain-error.ts";
import type { CheckpointSigner, Clock, KeyLogLeafRecord, KeyLogRepository, UnitOfWork } from "../ports/index.ts";
import { consistencyCovers, type Cover, foldCover, inclusionCovers } from "./tree.ts";

/** The log as it stood at one moment; what is asked about it is about this size. */
export interface KeyLogHead {
  size: number;
  root: Uint8Array;
}

/** The relay's log of identity cards (PROTOCOL.md §7). All of it is public: whoever can check it, does. */
export interface KeyLogService {
  /** Undefined while the log is empty. */
  findHead(): Promise<KeyLogHead | undefined>;
  /** The signed checkpoint of a head, as of now. */
  sign(head: KeyLogHead): Uint8Array;
  /** For each size the path that shows that the log continues it, empty for what is larger. @throws DomainError BAD_INPUT for 0, or too many */
  proveConsistency(head: KeyLogHead, from: number[]): Promise<Uint8Array[][]>;
  /** In the order of the hashes, undefined for what is no leaf. @throws DomainError BAD_INPUT for too many */
  proveInclusion(head: KeyLogHead, leafHashes: Uint8Array[]): Promise<(InclusionProof | undefined)[]>;
  listLeaves(head: KeyLogHead, from: number, first: number): Promise<KeyLogLeafRecord[]>;
  /** The first 256 under these names, in order. @throws DomainError BAD_INPUT for too many */
  listLeavesOf(head: KeyLogHead, nameHashes: Uint8Array[]): Promise<KeyLogLeafRecord[]>;
}

const MAX_PROOFS = 200;
const MAX_NAMES = 20;
const MAX_LEAVES_OF_NAMES = 256;

export interface KeyLogServiceDeps {
  unitOfWork: UnitOfWork;
  checkpointSigner: CheckpointSigner;
  clock: Clock;
}

export function createKeyLogService({ unitOfWork, checkpointSigner, clock }: KeyLogServiceDeps): KeyLogService {
  const { keyLog } = unitOfWork.repositories;

  return {
    async findHead() {
      const { size, frontier } = await keyLog.getState();
      return size === 0 ? undefined : { size, root: foldCover(frontier) };
    },

    sign: ({ size, root }) => checkpointSigner.sign({ size, root, relayMs: clock.nowMs() }),

    async proveConsistency({ size }, from) {
      demandCount(from.length, MAX_PROOFS);
      if (from.includes(0)) throw new DomainError("BAD_INPUT", "An empty log is continued by any other: ask about sizes from 1 on.");
      return readPaths(keyLog, from.map((older) => (older > size ? [] : consistencyCovers(older, size))));
    },

    async proveInclusion({ size }, leafHashes) {
      demandCount(leafHashes.length, MAX_PROOFS);
      // A leaf that came after the head is none of it.
      const indexes = (await keyLog.findIndexes(leafHashes)).map((index) => (index === undefined || index >= size ? undefined : index));
      const paths = await readPaths(keyLog, indexes.map((index) => (index === undefined ? [] : inclusionCovers(index, size))));
      return indexes.map((index, place) => (index === undefined ? undefined : { index, path: paths[place] ?? [] }));
    },

    listLeaves: ({ size }, from, first) => keyLog.listLeaves({ from, before: size, first }),

    async listLeavesOf({ size }, nameHashes) {
      demandCount(nameHashes.length, MAX_NAMES);
      return nameHashes.length === 0 ? [] : keyLog.listLeavesOf(nameHashes, { before: size, first: MAX_LEAVES_OF_NAMES });
    },
  };
}

/** The hashes of all paths, from one statement. */
async function readPaths(keyLog: Pick<KeyLogRepository, "getNodes">, paths: Cover[][]): Promise<Uint8Array[][]> {
  const nodes = paths.flat(2);
  const hashes = nodes.length === 0 ? [] : await keyLog.getNodes(nodes);
  let taken = 0;
  const take = (cover: Cover): Uint8Array => {
    taken += cover.length;
    return foldCover(hashes.slice(taken - cover.length, taken));
  };
  return paths.map((covers) => covers.map(take));
}

function demandCount(count: number, most: number): void {
  if (count > most) throw new DomainError("BAD_INPUT", `Ask for at most ${most} at a time.`);
}
