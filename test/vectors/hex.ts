/** Lower-case hexadecimal: how vectors write bytes. */
export type Hex = string;

export const toHex = (bytes: Uint8Array): Hex => Buffer.from(bytes).toString("hex");

export function fromHex(hex: Hex): Uint8Array {
  if (!/^([0-9a-f]{2})*$/.test(hex)) throw new Error("a vector's bytes are not lower-case hexadecimal");
  return new Uint8Array(Buffer.from(hex, "hex"));
}
