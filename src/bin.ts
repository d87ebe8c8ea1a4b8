#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";

const HELP = `Usage: peerbrain serve [--workers N] [--restored]

Runs a PeerBrain relay: the server that passes on what people sealed for each other, and reads none of it.
Environment variables configure it; docs/CONFIGURATION.md describes each.

  peerbrain serve      run a relay until it is told to stop (SIGTERM or Ctrl-C)
    --workers N        in N processes on one port; SIGHUP replaces them one by one, without an interruption
    --restored         the data come from a backup: each user's device shows its newest receipt before it writes on
  peerbrain --help     show this
  peerbrain --version  show the version
`;

const [verb, ...rest] = process.argv.slice(2);
const serveOptions = verb === "serve" ? readServeOptions(rest) : undefined;

if (serveOptions !== undefined) {
  const { main } = await import("./server/main.ts");
  process.exit(await main({ isRestored: serveOptions.restored === true, workers: serveOptions.workers }));
} else if (verb === "--version") {
  const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string };
  console.log(manifest.version);
} else if (verb === "--help" || verb === undefined) {
  console.log(HELP);
} else {
  console.error(`peerbrain: there is no command "${[verb, ...rest].join(" ")}".\n\n${HELP}`);
  process.exitCode = 2;
}

/** Undefined when they are not what `serve` takes. */
function readServeOptions(args: string[]): { restored?: boolean | undefined; workers?: string | undefined } | undefined {
  try {
    return parseArgs({ args, options: { restored: { type: "boolean" }, workers: { type: "string" } } }).values;
  } catch {
    return undefined;
  }
}
