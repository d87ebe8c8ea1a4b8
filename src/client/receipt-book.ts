import { verifyReceipt } from "../crypto/index.ts";
import { demand, equalBytes, idKey, parseReceipt, type Receipt, type ReceiptFields, type UserId } from "../protocol/index.ts";

/** What a receipt is about. */
type Receipted = Pick<ReceiptFields, "author" | "seq" | "entryHash">;

/** Hears of two receipts for two entries at one place, both signed with the relay's key. */
export type OnConflict = (relayKey: Uint8Array, first: Receipt, second: Receipt) => void;

/** The first receipt of every place that this client was shown, its own and its friends': another one there convicts the relay (PROTOCOL.md §3 "Receipt"). */
export class ReceiptBook {
  readonly #first = new Map<string, Receipt>();
  readonly #onConflict: OnConflict;
  #relayKey: Uint8Array | undefined;

  constructor(onConflict: OnConflict) {
    this.#onConflict = onConflict;
  }

  /** The relay's key, once the own vault has told it. What came before it and does not verify is forgotten. */
  pin(relayKey: Uint8Array): void {
    this.#relayKey = relayKey;
    for (const [place, { bytes }] of [...this.#first]) if (!isReceipt(relayKey, bytes)) this.#first.delete(place);
  }

  /** Verifies a receipt and that it is for this entry; without a pinned key it is only read. Throws ProtocolError as verifyReceipt. */
  check(bytes: Uint8Array, entry: Receipted): Receipt {
    const relayKey = this.#relayKey;
    const receipt = relayKey === undefined ? parseReceipt(bytes) : verifyReceipt(relayKey, bytes);
    this.#note(receipt);
    if (relayKey !== undefined) demand(isFor(receipt, entry), "bad-receipt");
    return receipt;
  }

  /** The first receipt that was shown for a place. */
  find(author: UserId, seq: number): Receipt | undefined {
    return this.#first.get(placeOf({ author, seq }));
  }

  #note(receipt: Receipt): void {
    const place = placeOf(receipt);
    const first = this.#first.get(place);
    if (first === undefined) this.#first.set(place, receipt);
    else if (this.#relayKey !== undefined && !equalBytes(first.entryHash, receipt.entryHash)) this.#onConflict(this.#relayKey, first, receipt);
  }
}

function placeOf({ author, seq }: Pick<Receipt, "author" | "seq">): string {
  return `${idKey(author)} ${seq}`;
}

function isFor(receipt: Receipt, { author, seq, entryHash }: Receipted): boolean {
  return receipt.seq === seq && equalBytes(receipt.author, author) && equalBytes(receipt.entryHash, entryHash);
}

function isReceipt(relayKey: Uint8Array, bytes: Uint8Array): boolean {
  try {
    verifyReceipt(relayKey, bytes);
    return true;
  } catch {
    return false;
  }
}
