import { deriveThoughtKey, openBackLink, type ChainOutline } from "../crypto/index.ts";
import { GrantKind, ProtocolError, type UserId } from "../protocol/index.ts";

/** The keys to one author's thoughts that this client holds or can walk back to (PROTOCOL.md §3 EPOCH, §4). */
export class AuthorKeys {
  readonly #author: UserId;
  readonly #outline: () => ChainOutline;
  readonly #epochKeys = new Map<number, Uint8Array>();
  readonly #thoughtKeys = new Map<number, Uint8Array>();

  constructor(author: UserId, outline: () => ChainOutline) {
    this.#author = author;
    this.#outline = outline;
  }

  /** Takes in an epoch key: it opens its epoch and every one before. */
  addEpochKey(n: number, key: Uint8Array): void {
    this.#epochKeys.set(n, key);
  }

  /** Takes in the thought key of one epoch. */
  addThoughtKey(n: number, key: Uint8Array): void {
    this.#thoughtKeys.set(n, key);
  }

  /** What opens everything that these keys open: the newest epoch key, and the thought keys of later epochs. */
  list(): { n: number; of: GrantKind; key: Uint8Array }[] {
    const newest = Math.max(-1, ...this.#epochKeys.keys());
    const history = this.#epochKeys.get(newest);
    const single = [...this.#thoughtKeys].filter(([n]) => n > newest).sort(([one], [other]) => one - other);
    return [...(history ? [{ n: newest, of: GrantKind.HISTORY, key: history }] : []), ...single.map(([n, key]) => ({ n, of: GrantKind.EPOCH_ONLY, key }))];
  }

  /** The first epoch whose thoughts these keys open: any epoch key opens all before it. Undefined without a key. */
  get firstEpoch(): number | undefined {
    if (this.#epochKeys.size > 0) return 0;
    return this.#thoughtKeys.size > 0 ? Math.min(...this.#thoughtKeys.keys()) : undefined;
  }

  /** The key to the thoughts of epoch n, or undefined. Throws ProtocolError when a back-link contradicts its epoch. */
  thoughtKey(n: number): Uint8Array | undefined {
    const held = this.#thoughtKeys.get(n);
    if (held) return held;
    const epochKey = this.#epochKeyOf(n);
    if (!epochKey) return undefined;
    const thoughtKey = deriveThoughtKey(epochKey, this.#author, n);
    this.#thoughtKeys.set(n, thoughtKey);
    return thoughtKey;
  }

  #epochKeyOf(n: number): Uint8Array | undefined {
    const from = Math.min(...[...this.#epochKeys.keys()].filter((held) => held >= n));
    let key = this.#epochKeys.get(from);
    for (let m = from; key !== undefined && m > n; m -= 1) {
      key = openBackLink({ author: this.#author, key, payload: this.#epoch(m), previousPayload: this.#epoch(m - 1) });
      this.#epochKeys.set(m - 1, key);
    }
    return key;
  }

  #epoch(n: number) {
    const epoch = this.#outline().epochs[n];
    if (epoch === undefined) throw new ProtocolError("bad-epoch");
    return epoch.payload;
  }
}
