import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

/** What a command line ended with, and what people saw. */
export interface Transcript {
  exitCode: number | null;
  out: string;
  err: string;
}

const checkout = join(import.meta.dirname, "../..");

/** Runs `peerbrain` as a program would: through pipes, with an environment of its own. */
export async function peerbrain(args: string[], { input = "", variables = {} }: { input?: string; variables?: Record<string, string> } = {}): Promise<Transcript> {
  const child = spawn(process.execPath, [join(checkout, "dist/bin.js"), ...args], { env: { PATH: process.env["PATH"], ...variables }, stdio: "pipe" });
  const transcript: Transcript = { exitCode: null, out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (transcript.out += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (transcript.err += text));
  // Who does not read its input may be gone already.
  child.stdin.on("error", () => undefined).end(input);
  [transcript.exitCode] = (await once(child, "close")) as [number | null];
  return transcript;
}
