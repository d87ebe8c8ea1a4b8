import { demand, refuseAs } from "./protocol-error.ts";

const encoder = new TextEncoder();
// "ignoreBOM" means: do not take a leading U+FEFF away.
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** UTF-8 of the text. @throws ProtocolError bad-text for a lone surrogate, which UTF-8 cannot carry */
export function encodeUtf8(text: string): Uint8Array {
  demand(!/\p{Surrogate}/u.test(text), "bad-text");
  return new Uint8Array(encoder.encode(text));
}

/** The text of valid UTF-8, a leading byte order mark included. @throws ProtocolError bad-text */
export function parseUtf8(bytes: Uint8Array): string {
  return refuseAs("bad-text", () => decoder.decode(bytes));
}
