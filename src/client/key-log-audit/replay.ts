import { logLeafHashOf, logNodeHashOf } from "../../crypto/index.ts";
import { idKey, type KeyLogLeaf } from "../../protocol/index.ts";

/** Computes the roots of a growing log from its leaves alone: complete subtrees merge as in counting. */
export class Replay {
  readonly #subtrees: { width: number; hash: Uint8Array }[] = [];
  readonly #userOfName = new Map<string, string>();
  readonly #nameOfUser = new Map<string, string>();
  readonly #cards = new Set<string>();
  size = 0;

  /** Takes in the next leaf. Answers what no honest log does with it. */
  append(leaf: KeyLogLeaf): string[] {
    const place = this.size;
    let added = { width: 1, hash: logLeafHashOf(leaf) };
    for (let left = this.#subtrees.at(-1); left?.width === added.width; left = this.#subtrees.at(-1)) {
      added = { width: added.width * 2, hash: logNodeHashOf(left.hash, added.hash) };
      this.#subtrees.pop();
    }
    this.#subtrees.push(added);
    this.size += 1;
    return this.#judge(leaf, place);
  }

  /** The root at the present size; undefined for no leaves. */
  root(): Uint8Array | undefined {
    return this.#subtrees.reduceRight<Uint8Array | undefined>((right, { hash }) => (right ? logNodeHashOf(hash, right) : hash), undefined);
  }

  #judge(leaf: KeyLogLeaf, place: number): string[] {
    const [name, user, card] = [idKey(leaf.nameHash), idKey(leaf.userId), idKey(leaf.cardHash)];
    const found: string[] = [];
    if ((this.#userOfName.get(name) ?? user) !== user) found.push(`leaf ${place} gives the name with hash ${name} to another user: ${user}`);
    if ((this.#nameOfUser.get(user) ?? name) !== name) found.push(`leaf ${place} gives user ${user} another name`);
    if (this.#cards.has(card)) found.push(`leaf ${place} repeats the card ${card}`);
    this.#userOfName.set(name, this.#userOfName.get(name) ?? user);
    this.#nameOfUser.set(user, this.#nameOfUser.get(user) ?? name);
    this.#cards.add(card);
    return found;
  }
}
