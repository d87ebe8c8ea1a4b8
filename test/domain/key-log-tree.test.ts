import { beforeAll, describe, expect, it } from "vitest";
import { logLeafHashOf, ready, verifyConsistency, verifyInclusion } from "../../src/crypto/public.ts";
import { consistencyCovers, coverOf, foldCover, growTree, inclusionCovers, type Cover } from "../../src/domain/key-log/tree.ts";
import type { HashedNode, KeyLogState } from "../../src/domain/ports/index.ts";
import { consistencyPath, inclusionPath, rootOf } from "../vectors/build/log-twin.ts";

const MOST = 70;
const leafAt = (index: number) => ({ nameHash: filled(index), userId: filled(index + 1), cardHash: filled(index + 2) });
const filled = (value: number): Uint8Array => new Uint8Array(32).fill(value % 251);

let leaves: Uint8Array[] = [];
/** What the relay stores: every complete subtree by its place, and the state at every size. */
const stored = new Map<string, Uint8Array>();
const states: KeyLogState[] = [{ size: 0, frontier: [] }];
const store = ({ level, index, hash }: HashedNode): void => {
  const place = `${level} ${index}`;
  if (stored.has(place)) throw new Error(`${place} is stored twice`);
  stored.set(place, hash);
};
const hashOf = (cover: Cover): Uint8Array => foldCover(cover.map(({ level, index }) => stored.get(`${level} ${index}`) ?? new Uint8Array()));

beforeAll(async () => {
  await ready();
  leaves = Array.from({ length: MOST }, (_, index) => logLeafHashOf(leafAt(index)));
  leaves.forEach((hash, index) => {
    store({ level: 0, index, hash });
    const { grown, nodes } = growTree(states[index] ?? { size: 0, frontier: [] }, hash);
    nodes.forEach(store);
    states.push(grown);
  });
});

const sizes = Array.from({ length: MOST }, (_, index) => index + 1);

describe("the tree of complete subtrees", () => {
  it("has at every size the root of the naive tree, from its frontier and from its cover", () => {
    for (const size of sizes) {
      const root = rootOf(leaves.slice(0, size));
      expect(foldCover(states[size]?.frontier ?? []), `${size}`).toStrictEqual(root);
      expect(hashOf(coverOf(0, size)), `${size}`).toStrictEqual(root);
    }
  });

  it("proves every leaf at every size as the naive tree does, and as readers accept", () => {
    for (const size of sizes) {
      const some = leaves.slice(0, size);
      const head = { size, root: rootOf(some) };
      for (let index = 0; index < size; index += 1) {
        const path = inclusionCovers(index, size).map(hashOf);
        expect(path).toStrictEqual(inclusionPath(index, some));
        verifyInclusion(head, leafAt(index), { index, path });
      }
    }
  });

  it("proves every size to continue every older one as the naive tree does, and as readers accept", () => {
    for (const to of sizes) {
      const some = leaves.slice(0, to);
      const newer = { size: to, root: rootOf(some) };
      for (let from = 1; from <= to; from += 1) {
        const path = consistencyCovers(from, to).map(hashOf);
        expect(path).toStrictEqual(consistencyPath(from, some));
        verifyConsistency({ size: from, root: rootOf(leaves.slice(0, from)) }, newer, path);
      }
    }
  });

  it("needs no more nodes than its height asks for, however large it is", () => {
    const size = 2 ** 52 + 12_345;
    for (const covers of [inclusionCovers(2 ** 51 + 7, size), inclusionCovers(size - 1, size), consistencyCovers(2 ** 40 + 3, size), consistencyCovers(size - 1, size)]) {
      expect(covers.length).toBeLessThanOrEqual(54);
      expect(covers.flat().length).toBeLessThanOrEqual(2 * 54);
    }
  });
});
