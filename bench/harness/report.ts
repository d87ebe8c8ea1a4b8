import type { BenchResult, Ratio } from "./bench.ts";

/** A bench that ran, or why it could not. */
export type Outcome = { title: string; seconds: number } & ({ result: BenchResult } | { bench: string; error: string });

/** The rows as a table with a line per row. Columns come in the order in which rows name them first. */
export function table(rows: Record<string, string | number>[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const cells = [columns, ...rows.map((row) => columns.map((column) => format(row[column])))];
  const widths = columns.map((_, index) => Math.max(...cells.map((line) => line[index]?.length ?? 0)));
  const isNumber = columns.map((column) => rows.every((row) => typeof row[column] !== "string"));
  const lines = cells.map((line) => line.map((cell, index) => (isNumber[index] ? cell.padStart(widths[index] ?? 0) : cell.padEnd(widths[index] ?? 0))).join("  ").trimEnd());
  return [lines[0], "-".repeat(widths.reduce((sum, width) => sum + width + 2, -2)), ...lines.slice(1)].join("\n");
}

/** The same for a page. */
export function markdownTable(rows: Record<string, string | number>[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const line = (cells: string[]): string => `| ${cells.join(" | ")} |`;
  const rule = columns.map((column) => (rows.every((row) => typeof row[column] !== "string") ? "---:" : "---"));
  return [line(columns), `|${rule.join("|")}|`, ...rows.map((row) => line(columns.map((column) => format(row[column]))))].join("\n");
}

/** Every ratio of the run with its target. A missed one is marked, and so is a bench that could not run. */
export function summary(outcomes: Outcome[]): string {
  const rows = outcomes.flatMap((outcome): Record<string, string | number>[] => {
    if ("error" in outcome) return [{ bench: outcome.bench, figure: "could not run", value: "", target: "", "": "✗ NOT RUN" }];
    return outcome.result.ratios.map((ratio) => ({ bench: outcome.result.bench, figure: ratio.name, value: format(ratio.value), target: ratio.target, "": mark(ratio) }));
  });
  const ratios = outcomes.flatMap((outcome) => ("result" in outcome ? outcome.result.ratios : []));
  const missed = ratios.filter(({ passes }) => !passes).length;
  return `${rows.length > 0 ? `${table(rows)}\n\n` : ""}${ratios.length - missed} of ${ratios.length} figures reached, ${missed} missed`;
}

function mark({ passes }: Ratio): string {
  return passes ? "✓" : "✗ MISSED";
}

/** Three digits that count. */
export function format(value: string | number | undefined): string {
  if (typeof value !== "number") return value ?? "";
  if (Number.isInteger(value)) return String(value);
  if (!Number.isFinite(value)) return "n/a";
  return Math.abs(value) >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}
