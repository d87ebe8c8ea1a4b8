import { decode, encode, rfc8949EncodeOptions, Tokenizer, Type, type Token } from "cborg";
import { equalBytes } from "./bytes.ts";
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

/** Adds what the codec leaves open: bounded depth, no floats, valid UTF-8 with nothing taken away. */
class StrictTokenizer extends Tokenizer {
  readonly #missing: number[] = [];

  override next(): Token {
    const token = super.next();
    demand(!Type.equals(token.type, Type.float), "bad-cbor", "float");
    // Only text keeps its bytes; the codec's own reading of it replaces and drops characters.
    if (token.byteValue) token.value = parseUtf8(token.byteValue);
    this.#count(token);
    return token;
  }

  // The codec recurses: the depth has to be known before it goes one deeper.
  #count(token: Token): void {
    const innermost = this.#missing.length - 1;
    if (innermost >= 0) this.#missing[innermost] = (this.#missing[innermost] ?? 0) - 1;
    if (Type.equals(token.type, Type.array)) this.#missing.push(Number(token.value));
    if (Type.equals(token.type, Type.map)) this.#missing.push(2 * Number(token.value));
    demand(this.#missing.length <= MAX_CBOR_DEPTH, "bad-cbor", "too deep");
    while (this.#missing.at(-1) === 0) this.#missing.pop();
  }
}

/** Deterministic CBOR (RFC 8949 §4.2.1, PROTOCOL.md §1); properties that are undefined are left out. */
export function encodeCbor(value: object | CborValue): Uint8Array {
  return new Uint8Array(encode(value, ENCODE_OPTIONS));
}

/** The value of deterministic CBOR with text keys, no floats and a depth of at most 8. @throws ProtocolError bad-cbor, bad-length */
export function parseCbor(bytes: Uint8Array, limits: { maxBytes: number }): CborValue {
  demand(bytes.length <= limits.maxBytes, "bad-length");
  const value = decodeStrictly(bytes);
  // Unsorted keys and long forms decode all the same: only one spelling of a value is accepted.
  demand(equalBytes(encodeCbor(value), bytes), "bad-cbor");
  return value;
}

function decodeStrictly(bytes: Uint8Array): CborValue {
  try {
    return decode(bytes, { ...DECODE_OPTIONS, tokenizer: new StrictTokenizer(bytes, DECODE_OPTIONS) }) as CborValue;
  } catch (cause) {
    throw new ProtocolError("bad-cbor", undefined, { cause });
  }
}
