import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { tryLock, withLock } from "../../src/cli/file-lock.ts";
import { openInFlightFile } from "../../src/cli/in-flight-file.ts";
import { writePrivateFile } from "../../src/cli/private-file.ts";
import { createTemporaryFolder, type TemporaryFolder } from "../support/folders.ts";

let folder: TemporaryFolder;
beforeAll(async () => {
  folder = await createTemporaryFolder();
});
afterAll(() => folder.remove());

/** The id of a process that is over. */
async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ["-e", "0"]);
  await once(child, "exit");
  return child.pid as number;
}

test("work behind a lock runs one after the other", async () => {
  const path = join(folder.path, "turns.lock");
  let running = 0;
  const most: number[] = [];
  await Promise.all(
    Array.from({ length: 8 }, () =>
      withLock(path, async () => {
        running += 1;
        await new Promise((resolve) => setTimeout(resolve, 5));
        most.push(running);
        running -= 1;
      }),
    ),
  );
  expect(most).toEqual(Array(8).fill(1));
});

test("the lock of a killed program is taken over; that of a living one is not", async () => {
  const path = join(folder.path, "killed.lock");
  await writeFile(path, String(await deadPid()));
  await withLock(path, async () => expect(await tryLock(path)).toBeUndefined());
  expect(await tryLock(path)).toBeTypeOf("function");
});

test("programs beside each other have a file each, and the next one begins with what a killed one left", async () => {
  const profile = { name: "ann", folder: join(folder.path, "ann") };
  const inFlight = { userId: "u", seq: 7, entryHashes: ["h"] };
  const first = await openInFlightFile(profile);
  const second = await openInFlightFile(profile);
  await second.write(inFlight);
  expect(await first.read()).toBeUndefined();
  await first.release();
  await second.release();
  // It was killed: its lock names nobody who lives.
  await writeFile(join(profile.folder, "in-flight-1.json.lock"), String(await deadPid()));
  const next = await openInFlightFile(profile);
  expect(await next.read()).toEqual(inFlight);
  await next.write(undefined);
  await next.release();
  expect(await readdir(profile.folder)).toEqual([]);
});

test("a file is whole or the one before, and leaves no draft", async () => {
  const path = join(folder.path, "files", "session.json");
  await writePrivateFile(path, "one");
  await expect(writePrivateFile(path, null as unknown as string)).rejects.toThrow();
  expect([await readFile(path, "utf8"), await readdir(join(folder.path, "files"))]).toEqual(["one", ["session.json"]]);
});
