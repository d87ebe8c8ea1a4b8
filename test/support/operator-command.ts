import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

export interface CommandOutcome {
  /** Null when a signal ended it. */
  exitCode: number | null;
  out: string;
  complaints: string;
}

/** Runs `peerbrain` as it ships, with this environment and no other; Ctrl-C comes after so many milliseconds, if it comes. */
export async function runCommand(args: readonly string[], variables: Record<string, string> = {}, ctrlCAfterMs?: number): Promise<CommandOutcome> {
  const child = spawn(process.execPath, ["dist/bin.js", ...args], {
    cwd: join(import.meta.dirname, "../.."), env: { PATH: process.env["PATH"], ...variables }, stdio: ["ignore", "pipe", "pipe"],
  });
  const ctrlC = ctrlCAfterMs === undefined ? undefined : setTimeout(() => child.kill("SIGINT"), ctrlCAfterMs);
  let [out, complaints] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (complaints += text));
  const [exitCode] = (await once(child, "close")) as [number | null];
  clearTimeout(ctrlC);
  return { exitCode, out, complaints };
}
