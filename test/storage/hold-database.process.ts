// A process that stands for a relay: it starts the database of a data folder, says so on its standard output, and waits to
// be killed, or to be told on its standard input to stop.
import { once } from "node:events";
import { StartRefused } from "../../src/domain/start-refused.ts";
import { startEmbeddedPostgres } from "../../src/storage/embedded-postgres/start-embedded-postgres.ts";
import { silentLog, systemClock } from "../support/quiet.ts";

const [dataFolder = "", nativeFolder] = process.argv.slice(2);

function tell(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

try {
  const database = await startEmbeddedPostgres({
    dataFolder, log: silentLog, clock: systemClock, ...(nativeFolder !== undefined && { nativeFolder }),
  });
  tell({ connection: database.connection });
  await once(process.stdin, "data");
  await database.stop();
} catch (error) {
  if (!(error instanceof StartRefused)) throw error;
  tell({ code: error.code, text: error.message });
}
process.stdin.destroy();
