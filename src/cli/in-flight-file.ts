import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { DeviceStore, InFlight } from "../client/index.ts";
import { tryLock } from "./file-lock.ts";
import { makePrivateFolder, readPrivateFile, writePrivateFile } from "./private-file.ts";
import type { Profile } from "./profile.ts";

const MAX_PROGRAMS = 64;

/**
 * What a program signed and was about to send, on disk until it is settled. Programs that run beside each other have a
 * file each; the next one begins with a file that a killed one left behind, and settles what stands in it.
 */
export async function openInFlightFile({ folder }: Profile): Promise<DeviceStore & { release(): Promise<void> }> {
  await makePrivateFolder(folder);
  const left = (await readdir(folder)).filter((name) => /^in-flight-\d+\.json$/.test(name)).sort();
  const all = Array.from({ length: MAX_PROGRAMS }, (_, number) => `in-flight-${number}.json`);
  for (const name of new Set([...left, ...all])) {
    const path = join(folder, name);
    // The second try comes when the lock of a killed program was found and removed.
    const release = (await tryLock(`${path}.lock`)) ?? (await tryLock(`${path}.lock`));
    if (release) return { ...storeAt(path), release };
  }
  throw new Error(`${MAX_PROGRAMS} programs use the profile in ${folder}.`);
}

function storeAt(path: string): DeviceStore {
  return {
    async read() {
      const text = await readPrivateFile(path);
      return text === undefined ? undefined : (JSON.parse(text) as InFlight);
    },
    write: (inFlight) => (inFlight === undefined ? rm(path, { force: true }) : writePrivateFile(path, JSON.stringify(inFlight))),
  };
}
