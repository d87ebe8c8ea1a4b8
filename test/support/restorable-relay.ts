import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { createTemporaryFolder } from "./folders.ts";
import { startRelayProcess } from "./relay-process.ts";

const run = promisify(execFile);

/** A relay of its own process whose operator makes one backup, and restores it. */
export interface RestorableRelay {
  origin(): string;
  makeBackup(): Promise<void>;
  restoreBackup(): Promise<void>;
  close(): Promise<void>;
}

export async function startRestorableRelay(): Promise<RestorableRelay> {
  const folder = await createTemporaryFolder();
  const [data, backup] = [join(folder.path, "data"), join(folder.path, "backup")];
  let relay = await startRelayProcess(data);
  const stop = async (): Promise<void> => {
    relay.signal("SIGTERM");
    await relay.exited;
  };
  // On the same port, where the clients look for it.
  const start = async (...options: string[]): Promise<void> => {
    relay = await startRelayProcess(data, { PEERBRAIN_PORT: new URL(relay.origin).port }, options);
  };
  return {
    origin: () => relay.origin,
    async makeBackup() {
      await stop();
      await run("cp", ["-a", data, backup]);
      await start();
    },
    async restoreBackup() {
      await stop();
      await run("rm", ["-rf", data]);
      await run("cp", ["-a", backup, data]);
      await start("--restored");
    },
    async close() {
      await stop();
      await folder.remove();
    },
  };
}
