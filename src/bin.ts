#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { operate, operatorCommands } from "./server/main.ts";

const args = process.argv.slice(2);
const exitCode = await operate(args);
if (exitCode !== undefined) process.exit(exitCode);

const { main } = await import("./cli/main.ts");
process.exitCode = await main(args, readVersion(), operatorCommands);

function readVersion(): string {
  return (JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string }).version;
}
