// The border between rows and domain objects: bytea ↔ Uint8Array, bigint ↔ number, null ↔ undefined.

/** Bytes as the driver takes them. */
export function toBytes(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}

/** A column's value or null, from a domain value that may be missing. */
export function toNullable<Value, Column>(value: Value | undefined, convert: (value: Value) => Column): Column | null {
  return value === undefined ? null : convert(value);
}

/** A domain value that may be missing, from a column's value or null. */
export function fromNullable<Column, Value>(column: Column | null, convert: (column: Column) => Value): Value | undefined {
  return column === null ? undefined : convert(column);
}
