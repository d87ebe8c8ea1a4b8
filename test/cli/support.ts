import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startTestRelay, type RunningRelay, type RunningRelayOptions } from "../support/relay.ts";
import { createTemporaryFolder } from "../support/folders.ts";

/** What a command line ended with, and what people saw. */
export interface Transcript {
  exitCode: number | null;
  out: string;
  err: string;
}

const checkout = join(import.meta.dirname, "../..");
export const bin = join(checkout, "dist/bin.js");
export const password = "correct horse battery";

/** Runs `peerbrain` as a program would: through pipes, with an environment of its own. */
export async function peerbrain(args: string[], { input = "", variables = {} }: { input?: string; variables?: Record<string, string> } = {}): Promise<Transcript> {
  const child = spawn(process.execPath, [bin, ...args], { env: { PATH: process.env["PATH"], ...variables }, stdio: "pipe" });
  const transcript: Transcript = { exitCode: null, out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (transcript.out += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (transcript.err += text));
  // Who does not read its input may be gone already.
  child.stdin.on("error", () => undefined).end(input);
  [transcript.exitCode] = (await once(child, "close")) as [number | null];
  return transcript;
}

/** A relay, and a machine on which people use it. */
export interface Machine {
  relay: RunningRelay;
  /** Where the profiles are. */
  home: string;
  passwordFile: string;
  variables: Record<string, string>;
  /** Runs a command of somebody's, who has a profile of that name. */
  as(who: string, ...args: string[]): Promise<Transcript>;
  /** The answer of a command that has to end with 0. */
  answerTo(who: string, ...args: string[]): Promise<string>;
  /** Registers somebody whose session is in a file, so that no command asks for a password. */
  register(who: string): Promise<string>;
  befriend(who: string, whom: string): Promise<void>;
  close(): Promise<void>;
}

export async function createMachine(options: RunningRelayOptions = {}): Promise<Machine> {
  const [relay, folder] = await Promise.all([startTestRelay(options), createTemporaryFolder()]);
  const home = join(folder.path, "home");
  const passwordFile = join(folder.path, "password");
  await writeFile(passwordFile, `${password}\n`);
  const variables = { PEERBRAIN_HOME: home, PEERBRAIN_RELAY: relay.origin, PEERBRAIN_KEYCHAIN: "off", TZ: "UTC" };
  const as = (who: string, ...args: string[]): Promise<Transcript> => peerbrain(["--profile", who, ...args], { variables });
  const answerTo = async (who: string, ...args: string[]): Promise<string> => {
    const { exitCode, out, err } = await as(who, ...args);
    if (exitCode !== 0) throw new Error(`peerbrain ${args.join(" ")} ended with ${exitCode}: ${err}`);
    return out;
  };
  return {
    relay,
    home,
    passwordFile,
    variables,
    as,
    answerTo,
    async register(who) {
      return (await answerTo(who, "register", who, "--keep", "file", "--password-file", passwordFile)).trim();
    },
    async befriend(who, whom) {
      await answerTo(who, "befriend", (await answerTo(whom, "invite")).trim());
      await answerTo(whom, "accept", who);
      // Whoever asked confirms when they come by.
      await answerTo(who, "friends");
    },
    async close() {
      await relay.stop();
      await folder.remove();
    },
  };
}

/** The JSON values of an answer, one a line. */
export function linesOfJson(out: string): Record<string, unknown>[] {
  return out.trim().split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
}
