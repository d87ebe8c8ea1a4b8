import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../scripts/run.ts";
import type { Bench } from "../harness/bench.ts";
import { format, markdownTable } from "../harness/report.ts";
import { findNewest } from "../harness/results.ts";
import { planCapacity, planSaturation } from "./capacity.ts";

const PAGES = ["README.md", "docs/SCALING.md"];
const PLACE = /(<!-- bench: (\S+) -->\n)[\s\S]*?(<!-- end -->)/g;

/** Puts the figures of the newest runs into the marked places of the pages, and returns which pages changed. */
export function writeDocs(benches: readonly Bench[]): string[] {
  return PAGES.filter((page) => {
    const path = join(root, page);
    const before = readFileSync(path, "utf8");
    const after = before.replaceAll(PLACE, (_, begin: string, name: string, end: string) => `${begin}${contentOf(name, benches)}\n${end}`);
    if (after !== before) writeFileSync(path, after);
    return after !== before;
  });
}

function contentOf(name: string, benches: readonly Bench[]): string {
  if (name === "figures") return figures(benches);
  if (name === "saturation") return markdownTable(planSaturation());
  if (name === "capacity") return markdownTable(planCapacity());
  if (!benches.some((bench) => bench.name === name)) throw new Error(`a page asks for "${name}", and there is no such bench`);
  const newest = findNewest(name);
  if (!newest) return `Not measured yet: \`npm run bench -- ${name}\`.`;
  const { machine, versions, date } = newest;
  return `${markdownTable(newest.result.rows)}\n\nMeasured ${date.slice(0, 10)} at ${versions["peerbrain"]}: ${machine["cores"]} cores (${machine["cpu"]}), ${machine["memoryGiB"]} GiB, Node ${machine["node"]}.`;
}

/** What was to be reached, and what was. */
function figures(benches: readonly Bench[]): string {
  const rows = benches.flatMap(({ name }) =>
    (findNewest(name)?.result.ratios ?? []).map((ratio) => ({
      bench: `\`${name}\``,
      figure: ratio.name,
      measured: format(ratio.value),
      "to reach": ratio.target,
      "": ratio.passes ? "✓" : "✗ missed",
    })),
  );
  return rows.length === 0 ? "Not measured yet: `npm run bench`." : markdownTable(rows);
}
