import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { buildIfOlder } from "../scripts/build-if-older.ts";
import { root } from "../scripts/run.ts";
import { Account } from "../src/client/index.ts";
import { createTemporaryFolder } from "../test/support/folders.ts";
import { atMost, type Bench } from "./harness/bench.ts";
import { median, percentile, round } from "./harness/statistics.ts";
import { databaseUrlOf, startDatabaseServer } from "./store/database-server.ts";
import { startRelay } from "./store/server-process.ts";

const THOUGHTS = 40;
const WARM_UP = 5;
const PAUSE_MS = 150;
const TIMEOUT_MS = 10_000;
const PASSWORD = "correct horse battery";

/** How long it takes from a friend's "write" to the line on the screen, through two real clients and a real relay. */
export const bench: Bench = {
  name: "follow",
  title: "a friend writes → `peerbrain feed --follow` has printed it",
  async run({ log, keep }) {
    buildIfOlder(log);
    const database = await startDatabaseServer();
    const folder = await createTemporaryFolder();
    const relay = await startRelay({ DATABASE_URL: databaseUrlOf(await database.create("follow")), PEERBRAIN_DATA: join(folder.path, "data") });
    const { origin } = new URL(relay.url);
    const { account: alice } = await Account.register({ relay: origin, username: "alice", password: PASSWORD });
    const bob = await openCommandLine(folder.path, origin);
    try {
      await bob.run("register", "bob", "--keep", "file", "--password-file", bob.passwordFile);
      await alice.friends.request("bob");
      await bob.run("accept", "alice");
      await waitForFriend(alice);
      const screen = await bob.follow();
      const samples = await writeAndWatch(alice, screen);
      await screen.close();
      for (const name of ["writtenMs", "printedMs"] as const) keep(name, samples.map((sample) => sample[name]));
      return report(samples);
    } finally {
      await alice.close();
      await relay.stop();
      await database.stop();
      await folder.remove();
    }
  },
};

interface Sample {
  /** From the call to the relay's receipt. */
  writtenMs: number;
  /** From the call to the line. */
  printedMs: number;
}

async function writeAndWatch(alice: Account, screen: Screen): Promise<Sample[]> {
  const samples: Sample[] = [];
  for (let index = 0; index < WARM_UP + THOUGHTS; index += 1) {
    const text = `Thought ${index} of many.`;
    const printed = screen.see(text);
    const startMs = performance.now();
    await alice.thoughts.write(text);
    const writtenMs = performance.now() - startMs;
    const sample = { writtenMs, printedMs: (await printed) - startMs };
    if (index >= WARM_UP) samples.push(sample);
    await sleep(PAUSE_MS);
  }
  return samples;
}

async function waitForFriend(alice: Account): Promise<void> {
  const untilMs = performance.now() + TIMEOUT_MS;
  while (alice.friends.list().length === 0) {
    if (performance.now() > untilMs) throw new Error("alice and bob did not become friends");
    await sleep(PAUSE_MS);
  }
}

async function openCommandLine(folder: string, relay: string) {
  const passwordFile = join(folder, "password");
  await writeFile(passwordFile, `${PASSWORD}\n`);
  const env = { PATH: process.env["PATH"], PEERBRAIN_HOME: join(folder, "home"), PEERBRAIN_RELAY: relay, PEERBRAIN_KEYCHAIN: "off" };
  const bin = join(root, "dist/bin.js");
  return {
    passwordFile,
    run: (...args: string[]) => promisify(execFile)(process.execPath, [bin, ...args], { env }),
    async follow(): Promise<Screen> {
      const child = spawn(process.execPath, [bin, "feed", "--follow"], { env, stdio: ["ignore", "pipe", "pipe"] });
      await seeLive(child);
      return openScreen(child);
    },
  };
}

async function seeLive({ stderr }: ChildProcess): Promise<void> {
  if (!stderr) throw new Error("nothing to see");
  for await (const line of createInterface({ input: stderr })) {
    if (line.includes("live")) return;
  }
  throw new Error("the feed ended before it was live");
}

interface Screen {
  /** Resolves with the time at which a line with this text was there. */
  see(text: string): Promise<number>;
  close(): Promise<void>;
}

function openScreen(child: ChildProcess): Screen {
  let printed = "";
  let look = (): void => undefined;
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    printed += text;
    look();
  });
  return {
    see: (text) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`"${text}" was not printed`)), TIMEOUT_MS);
        look = () => {
          if (!printed.includes(text)) return;
          clearTimeout(timer);
          resolve(performance.now());
        };
      }),
    async close() {
      const exited = once(child, "exit");
      child.kill("SIGINT");
      await exited;
    },
  };
}

function report(samples: readonly Sample[]) {
  const [written, printed] = [samples.map(({ writtenMs }) => writtenMs), samples.map(({ printedMs }) => printedMs)];
  const p99 = percentile(printed, 0.99);
  return {
    bench: "follow",
    rows: [
      {
        thoughts: samples.length,
        ...{ "stored p50 ms": round(median(written)), "stored p99 ms": round(percentile(written, 0.99)) },
        ...{ "printed p50 ms": round(median(printed)), "printed p99 ms": round(p99), "printed max ms": round(percentile(printed, 1)) },
      },
    ],
    ratios: [atMost("p99 from writing to the line on a friend's screen", p99, 100, "ms")],
  };
}
