/** One figure, or one family of figures: what a file of bench/ exports as `bench`. */
export interface Bench {
  /** What is typed after `npm run bench --`. */
  name: string;
  title: string;
  run(tools: { log(line: string): void }): Promise<BenchResult>;
}

export interface BenchResult {
  bench: string;
  rows: Record<string, string | number>[];
  /** `target` is the sentence that is printed; `passes` says whether `value` reaches it. */
  ratios: { name: string; value: number; target: string; passes: boolean }[];
}
