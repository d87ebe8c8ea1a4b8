import { cpus, loadavg } from "node:os";
import { parseArgs } from "node:util";
import { benches } from "./benches.ts";
import type { Bench } from "./harness/bench.ts";
import { type Outcome, summary, table } from "./harness/report.ts";
import { keepResult } from "./harness/results.ts";
import { writeDocs } from "./scaling/write-docs.ts";

const HELP = `Usage: npm run bench -- [NAME ...] [--json]

Measures the relay beside other servers, in one run on this machine, and says which figures it reaches.

  NAME ...      only these benches
  --json        one line of JSON per bench, and what happens meanwhile on standard error
  --list        the names
  --write-docs  measures nothing: puts the newest figures into README.md and docs/SCALING.md
  --help        this

Every single measurement is kept in bench/results.
A figure that is missed is marked; the exit code is 1 only when a bench could not run.
`;

const INTERRUPTED = 130;
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(INTERRUPTED));

const { values, positionals } = readArguments();
if (values.help) print(HELP);
else if (values.list) print(benches.map(({ name, title }) => `${name.padEnd(14)}${title}`).join("\n"));
else if (values["write-docs"]) print(`written: ${writeDocs(benches).join(", ") || "nothing that was not there already"}`);
else process.exitCode = await runAll(chosen(positionals), values.json);

function readArguments() {
  try {
    const flag = { type: "boolean", default: false } as const;
    return parseArgs({ allowPositionals: true, options: { json: flag, list: flag, "write-docs": flag, help: { ...flag, short: "h" } } });
  } catch (error) {
    return refuse((error as Error).message);
  }
}

function chosen(names: string[]): readonly Bench[] {
  const unknown = names.filter((name) => !benches.some((bench) => bench.name === name));
  if (unknown.length > 0) refuse(`There is no bench ${unknown.map((name) => `"${name}"`).join(", ")}. There are: ${benches.map(({ name }) => name).join(", ")}.`);
  return names.length === 0 ? benches : benches.filter(({ name }) => names.includes(name));
}

async function runAll(selection: readonly Bench[], isJson: boolean): Promise<number> {
  const outcomes: Outcome[] = [];
  const say = isJson ? (line: string): void => void process.stderr.write(`${line}\n`) : print;
  const [load = 0] = loadavg();
  if (load > cpus().length / 2) say(`This machine is busy with something else (load average ${load.toFixed(1)} on ${cpus().length} cores): expect times that are too long.`);
  for (const bench of selection) {
    say(`\n== ${bench.name}: ${bench.title}`);
    const outcome = await runOne(bench, (line) => say(`   ${line}`));
    outcomes.push(outcome);
    if (isJson) print(JSON.stringify("result" in outcome ? outcome.result : { bench: bench.name, error: outcome.error }));
    else if ("result" in outcome) print(`\n${table(outcome.result.rows)}\n   (${outcome.seconds.toFixed(0)} s)`);
    if ("error" in outcome) process.stderr.write(`bench ${bench.name} could not run: ${outcome.error}\n`);
  }
  if (!isJson) print(`\n== summary\n${summary(outcomes)}`);
  return outcomes.some((outcome) => "error" in outcome) ? 1 : 0;
}

async function runOne(bench: Bench, log: (line: string) => void): Promise<Outcome> {
  const date = new Date().toISOString();
  const samples: Record<string, readonly unknown[]> = {};
  const startMs = performance.now();
  const elapsed = (): number => (performance.now() - startMs) / 1000;
  try {
    const result = await bench.run({ log, keep: (name, values) => void (samples[name] = values) });
    keepResult({ date, title: bench.title, seconds: elapsed(), result, samples });
    return { title: bench.title, seconds: elapsed(), result };
  } catch (error) {
    return { title: bench.title, seconds: elapsed(), bench: bench.name, error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function refuse(text: string): never {
  process.stderr.write(`bench: ${text}\n\n${HELP}`);
  process.exit(2);
}
