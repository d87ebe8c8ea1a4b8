/** The one ambient thing that pure rooms share with every runtime: UTF-8. Declared here because the compiler knows it only as part of the DOM or of Node. */

interface TextEncoder {
  /** The UTF-8 bytes of `text`; lone surrogates become U+FFFD, so whoever must refuse them checks before. */
  encode(text?: string): Uint8Array<ArrayBuffer>;
}
declare var TextEncoder: { new (): TextEncoder };

interface TextDecoder {
  /** With `fatal`, throws a TypeError on bytes that are not UTF-8. */
  decode(bytes?: Uint8Array): string;
}
declare var TextDecoder: {
  new (label?: "utf-8", options?: { fatal?: boolean; ignoreBOM?: boolean }): TextDecoder;
};
