/** A copy with one byte changed. */
export function withByte(bytes: Uint8Array, index: number, change = 1): Uint8Array {
  const changed = new Uint8Array(bytes);
  changed[index] = (changed[index] ?? 0) ^ change;
  return changed;
}

export function filled(length: number, value: number): Uint8Array {
  return new Uint8Array(length).fill(value);
}

export function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
