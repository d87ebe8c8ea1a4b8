/** Standard output, as JSON for programs or as what `describe` makes of it for people. */
export function print<Value>(value: Value, isJson: boolean, describe: (value: Value) => string): void {
  process.stdout.write(`${isJson ? JSON.stringify(value, null, 2) : describe(value)}\n`);
}

/** A table for people: columns as wide as their widest cell. */
export function table(head: string[], rows: string[][]): string {
  const widths = head.map((cell, column) => Math.max(cell.length, ...rows.map((row) => row[column]?.length ?? 0)));
  return [head, ...rows].map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ").trimEnd()).join("\n");
}

export function isoTime(ms: number | null): string {
  return ms === null ? "-" : new Date(ms).toISOString().slice(0, 16).replace("T", " ");
}
