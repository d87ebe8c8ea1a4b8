import { decode, encode, rfc8949EncodeOptions, Tokenizer, Type, type Token } from "cborg";
import { compareBytes } from "./bytes.ts";
import { MAX_CBOR_DEPTH } from "./limits.ts";
import { demand, ProtocolError } from "./protocol-error.ts";
import { parseUtf8 } from "./utf8.ts";

export type CborValue = number | string | boolean | null | Uint8Array | CborValue[] | { [key: string]: CborValue };

const DECODE_OPTIONS = {
  strict: true,
  allowIndefinite: false,
  allowUndefined: false,
  allowBigInt: false,
  rejectDuplicateMapKeys: true,
  retainStringBytes: true,
};
const ENCODE_OPTIONS = { ...rfc8949EncodeOptions, ignoreUndefinedProperties: true };

/** An array or a map whose items are still to come. */
interface Container {
  itemsMissing: number;
  isMap: boolean;
  /** As it is spelled, of the map's last key. */
  key: Uint8Array;
}

const BEFORE_EVERY_KEY = new Uint8Array(0);

/**
 * Adds what the codec leaves open: bounded depth, no floats, valid UTF-8 with nothing taken away, keys in order. Together with the codec's
 * refusal of long forms every value has one spelling.
 */
class DeterministicTokenizer extends Tokenizer {
  readonly #open: Container[] = [];

  override next(): Token {
    const start = this.pos();
    const token = super.next();
    demand(!Type.equals(token.type, Type.float), "bad-cbor", "float");
    // Only text keeps its bytes; the codec's own reading of it replaces and drops characters.
    if (token.byteValue) token.value = parseUtf8(token.byteValue);
    this.#take(this.data.subarray(start, this.pos()));
    // The codec recurses: the depth has to be known before it goes one deeper.
    if (Type.equals(token.type, Type.array)) this.#enter(Number(token.value), false);
    if (Type.equals(token.type, Type.map)) this.#enter(2 * Number(token.value), true);
    this.#leave();
    return token;
  }

  #take(spelled: Uint8Array): void {
    const container = this.#open.at(-1);
    if (!container) return;
    if (container.isMap && container.itemsMissing % 2 === 0) {
      demand(compareBytes(container.key, spelled) < 0, "bad-cbor", "keys out of order");
      container.key = spelled;
    }
    container.itemsMissing -= 1;
  }

  #enter(itemsMissing: number, isMap: boolean): void {
    this.#open.push({ itemsMissing, isMap, key: BEFORE_EVERY_KEY });
    demand(this.#open.length <= MAX_CBOR_DEPTH, "bad-cbor", "too deep");
  }

  #leave(): void {
    while (this.#open.at(-1)?.itemsMissing === 0) this.#open.pop();
  }
}

/** Deterministic CBOR (RFC 8949 §4.2.1, PROTOCOL.md §1); properties that are undefined are left out. */
export function encodeCbor(value: object | CborValue): Uint8Array {
  return new Uint8Array(encode(value, ENCODE_OPTIONS));
}

/** The value of deterministic CBOR with text keys, no floats and a depth of at most 8. @throws ProtocolError bad-cbor, bad-length */
export function parseCbor(bytes: Uint8Array, limits: { maxBytes: number }): CborValue {
  demand(bytes.length <= limits.maxBytes, "bad-length");
  try {
    return decode(bytes, { ...DECODE_OPTIONS, tokenizer: new DeterministicTokenizer(bytes, DECODE_OPTIONS) }) as CborValue;
  } catch (cause) {
    throw new ProtocolError("bad-cbor", undefined, { cause });
  }
}
