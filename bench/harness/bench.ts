/** What a bench may ask of whoever runs it. */
export interface BenchTools {
  /** One line about how far it is, for people. */
  log(line: string): void;
  /** Puts single measurements into the raw file of this run. */
  keep(name: string, samples: readonly unknown[]): void;
}

/** One figure, or one family of figures: what a file of bench/ exports as `bench`. */
export interface Bench {
  /** What is typed after `npm run bench --`. */
  name: string;
  title: string;
  run(tools: BenchTools): Promise<BenchResult>;
}

export interface Ratio {
  name: string;
  value: number;
  /** What is to be reached, as it is printed. */
  target: string;
  passes: boolean;
}

export interface BenchResult {
  bench: string;
  rows: Record<string, string | number>[];
  ratios: Ratio[];
}

export function atMost(name: string, value: number, limit: number, unit = "×"): Ratio {
  return { name, value, target: `≤ ${limit} ${unit}`, passes: value <= limit };
}

export function atLeast(name: string, value: number, limit: number, unit = "×"): Ratio {
  return { name, value, target: `≥ ${limit} ${unit}`, passes: value >= limit };
}
