#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";

const args = process.argv.slice(2);
const serveOptions = args[0] === "serve" ? readServeOptions(args.slice(1)) : undefined;

if (serveOptions !== undefined) {
  const { main } = await import("./server/main.ts");
  process.exit(await main({ isRestored: serveOptions.restored === true, workers: serveOptions.workers }));
} else {
  const { main } = await import("./cli/main.ts");
  process.exitCode = await main(args, readVersion());
}

/** Undefined when they are not what `serve` takes: the command line then says what it takes. */
function readServeOptions(options: string[]): { restored?: boolean | undefined; workers?: string | undefined } | undefined {
  try {
    return parseArgs({ args: options, options: { restored: { type: "boolean" }, workers: { type: "string" } } }).values;
  } catch {
    return undefined;
  }
}

function readVersion(): string {
  return (JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string }).version;
}
