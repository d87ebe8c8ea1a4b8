#!/usr/bin/env node
import { readFileSync } from "node:fs";

const HELP = `Usage: peerbrain serve [--restored]

Runs a PeerBrain relay: the server that passes on what people sealed for each other, and reads none of it.
Environment variables configure it; docs/CONFIGURATION.md describes each.

  peerbrain serve      run a relay until it is told to stop (SIGTERM or Ctrl-C)
    --restored         the data come from a backup: each user's device shows its newest receipt before it writes on
  peerbrain --help     show this
  peerbrain --version  show the version
`;

const [verb, ...rest] = process.argv.slice(2);

if (verb === "serve" && rest.every((option) => option === "--restored")) {
  const { main } = await import("./server/main.ts");
  process.exit(await main({ isRestored: rest.length > 0 }));
} else if (verb === "--version") {
  const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string };
  console.log(manifest.version);
} else if (verb === "--help" || verb === undefined) {
  console.log(HELP);
} else {
  console.error(`peerbrain: there is no command "${[verb, ...rest].join(" ")}".\n\n${HELP}`);
  process.exitCode = 2;
}
