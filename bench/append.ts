import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { buildIfOlder } from "../scripts/build-if-older.ts";
import { createTemporaryFolder } from "../test/support/folders.ts";
import type { LoadOrder, LoadReport } from "./append/load.process.ts";
import { atLeast, type Bench } from "./harness/bench.ts";
import { median } from "./harness/statistics.ts";
import { type DatabaseAddress, databaseUrlOf, startDatabaseServer } from "./store/database-server.ts";
import { readRelayKeys, seedPeople, signThoughts, withStore } from "./store/seed.ts";
import { type ServerProcess, startPeer, startRelay } from "./store/server-process.ts";

const AUTHORS = 64;
const CONNECTIONS = 32;
const WARM_UP = 24;
const ROUNDS = 5;
const PER_ROUND = 20;

const QUERY = `${operation("chain.graphql", "CreateThought")} ${operation("fragments.graphql", "RefusalParts")}`;

interface Runner {
  name: string;
  server: ServerProcess;
  perSecond: number[];
  cpuMicroseconds: number[];
}

export const bench: Bench = {
  name: "append",
  title: `createThought over HTTP, ${CONNECTIONS} in flight, token and signature verified`,

  async run({ log, keep }) {
    buildIfOlder(log);
    const database = await startDatabaseServer();
    const folder = await createTemporaryFolder();
    const started: ServerProcess[] = [];
    const load = fork(join(import.meta.dirname, "append/load.process.ts"), { execArgv: ["--import", "tsx"] });
    try {
      const address = await database.create("seeded");
      const authors = await seed(address, join(folder.path, "data"));
      // The peers run on copies: a relay whose database is a copy asks its writers for receipts first.
      const copies = [await database.create("first_peer", "seeded"), await database.create("second_peer", "seeded")];
      log(`${AUTHORS} authors with ${authors[0]?.entries.length} signed thoughts each`);
      const runners: Runner[] = [];
      for (const [name, start] of Object.entries(contestants(join(folder.path, "data")))) {
        const server = await start(name === "relay" ? address : copies.shift() as DatabaseAddress);
        started.push(server);
        runners.push({ name, server, perSecond: [], cpuMicroseconds: [] });
      }
      const take = (from: number, count: number) => authors.map(({ accessToken, entries }) => ({ accessToken, entries: entries.slice(from, from + count) }));
      for (const { server } of runners) await runLoad(load, { url: server.url, authors: take(0, WARM_UP), connections: CONNECTIONS, query: QUERY });
      for (let round = 0; round < ROUNDS; round += 1) {
        for (const runner of runners) {
          const cpuMs = runner.server.cpuMs();
          const { requests, elapsedMs } = await runLoad(load, { url: runner.server.url, authors: take(WARM_UP + round * PER_ROUND, PER_ROUND), connections: CONNECTIONS, query: QUERY });
          runner.perSecond.push((requests / elapsedMs) * 1_000);
          runner.cpuMicroseconds.push(((runner.server.cpuMs() - cpuMs) * 1_000) / requests);
        }
      }
      for (const { name, perSecond } of runners) keep(`${name} requests/s`, perSecond);
      return report(runners);
    } finally {
      load.kill();
      for (const server of started) await server.stop();
      await database.stop();
      await folder.remove();
    }
  },
};

/** The relay comes first, on the keys that it made; the peers read tokens with the same ones. */
function contestants(dataFolder: string): Record<string, (address: DatabaseAddress) => Promise<ServerProcess>> {
  const variables = (address: DatabaseAddress) => ({ DATABASE_URL: databaseUrlOf(address), PEERBRAIN_DATA: dataFolder });
  return {
    relay: (address) => startRelay(variables(address)),
    mercurius: (address) => startPeer("append-mercurius.process.ts", variables(address)),
    "bare http": (address) => startPeer("append-bare.process.ts", variables(address)),
  };
}

async function seed(address: DatabaseAddress, dataFolder: string): Promise<LoadOrder["authors"]> {
  // Its first start makes the keys and tells the database about them.
  await (await startRelay({ DATABASE_URL: databaseUrlOf(address), PEERBRAIN_DATA: dataFolder })).stop();
  const keys = await readRelayKeys(dataFolder);
  const people = await withStore(address, (store) => seedPeople(store, keys, AUTHORS));
  return people.map(({ person, accessToken }) => ({ accessToken, entries: signThoughts(person, WARM_UP + ROUNDS * PER_ROUND) }));
}

async function runLoad(load: ChildProcess, order: LoadOrder): Promise<LoadReport> {
  load.send(order);
  const [report] = (await once(load, "message")) as [LoadReport | { error: string }];
  if ("error" in report) throw new Error(report.error);
  return report;
}

function report(runners: Runner[]) {
  const rows = runners.map(({ name, perSecond, cpuMicroseconds }) => ({
    server: name,
    "requests/s": Math.round(median(perSecond)),
    "lowest": Math.round(Math.min(...perSecond)),
    "highest": Math.round(Math.max(...perSecond)),
    "server CPU µs": Math.round(median(cpuMicroseconds)),
  }));
  const speedOf = (name: string): number => median(runners.find((runner) => runner.name === name)?.perSecond ?? []);
  const ratios = [
    atLeast("relay / mercurius", speedOf("relay") / speedOf("mercurius"), 1),
    atLeast("relay / bare http", speedOf("relay") / speedOf("bare http"), 0.35),
  ];
  return { bench: "append", rows, ratios };
}

/** One definition out of the SDK's own operations. */
function operation(file: string, name: string): string {
  const text = readFileSync(join(import.meta.dirname, "../src/client/operations", file), "utf8");
  const found = new RegExp(`^(mutation|fragment) ${name}\\b[\\s\\S]*?^}`, "m").exec(text)?.[0];
  if (found === undefined) throw new Error(`no ${name} in ${file}`);
  return found;
}
