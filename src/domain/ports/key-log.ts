import type { CardHash, KeyLogLeaf, UserId } from "../../protocol/index.ts";

/** A complete subtree: at level 0 a leaf, at level n the hash over 2^n leaves. */
export interface TreeNode {
  level: number;
  /** Among the nodes of its level, from 0. */
  index: number;
}

export interface HashedNode extends TreeNode {
  hash: Uint8Array;
}

/** The log at one size. The largest complete subtrees, left to right, are all that its root depends on. */
export interface KeyLogState {
  size: number;
  frontier: Uint8Array[];
}

export interface KeyLogLeafRecord extends KeyLogLeaf {
  /** From 0, without a gap. */
  index: number;
  hash: Uint8Array;
}

/** A card, and the name that it stands under. */
export interface NamedCard {
  username: string;
  userId: UserId;
  cardHash: CardHash;
}

export interface KeyLogRepository {
  getState(): Promise<KeyLogState>;
  /** The state, locked until the transaction ends: whoever appends takes this lock last. */
  lock(): Promise<KeyLogState>;
  /** Stores new leaves and the nodes above them that became complete: one statement. The log is locked before. */
  append(leaves: KeyLogLeafRecord[], nodes: HashedNode[], grown: KeyLogState): Promise<void>;
  /** The hashes of these nodes, in their order; all of them are stored: one statement. */
  getNodes(nodes: TreeNode[]): Promise<Uint8Array[]>;
  /** Where these leaves stand, in the order of their hashes: one statement. */
  findIndexes(leafHashes: Uint8Array[]): Promise<(number | undefined)[]>;
  /** Leaves from `from` on and below `before`, in order. */
  listLeaves(options: { from: number; before: number; first: number }): Promise<KeyLogLeafRecord[]>;
  /** Leaves under these names and below `before`, in order. */
  listLeavesOf(nameHashes: Uint8Array[], options: { before: number; first: number }): Promise<KeyLogLeafRecord[]>;
  /** Cards without a leaf, in order of registration, user id and version. */
  listUnlogged(first: number): Promise<NamedCard[]>;
}
