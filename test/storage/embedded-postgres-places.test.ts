// Where the embedded database may and may not live: other people's folders, closed folders, incomplete installations.
import { execFile } from "node:child_process";
import { chmod, chown, cp, lstat, mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findBarrier, findNobody } from "../../src/storage/embedded-postgres/database-user.ts";
import { findNativeFolder } from "../../src/storage/embedded-postgres/native-folder.ts";
import { startEmbeddedPostgres, type EmbeddedPostgres } from "../../src/storage/embedded-postgres/start-embedded-postgres.ts";
import { createTemporaryFolder, type TemporaryFolder } from "../support/folders.ts";
import { spawnProcess } from "../support/process.ts";
import { silentLog, systemClock } from "../support/quiet.ts";
import { expectStartRefused } from "../support/start-refusal.ts";

const isRoot = process.getuid?.() === 0;

let folder: TemporaryFolder;
let dataFolder: string;

beforeEach(async () => {
  folder = await createTemporaryFolder();
  dataFolder = join(folder.path, "data");
});
afterEach(() => folder.remove());

const start = (nativeFolder?: string): Promise<EmbeddedPostgres> =>
  startEmbeddedPostgres({ dataFolder, log: silentLog, clock: systemClock, ...(nativeFolder !== undefined && { nativeFolder }) });

async function startAndStop(nativeFolder?: string): Promise<void> {
  const database = await start(nativeFolder);
  try {
    await answers(database);
  } finally {
    await database.stop();
  }
}

async function answers({ connection }: Pick<EmbeddedPostgres, "connection">): Promise<void> {
  const client = new pg.Client(connection);
  client.on("error", () => undefined);
  await client.connect();
  expect((await client.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }]);
  await client.end();
}

/** An installation of PostgreSQL's package, complete or not, in a folder that nobody else may enter. */
async function copyNativePackage(change: (native: string) => Promise<void>): Promise<string> {
  const source = dirname(findNativeFolder());
  const copy = join(folder.path, "closed", "package");
  await cp(source, copy, { recursive: true, verbatimSymlinks: true });
  await change(join(copy, "native"));
  await chmod(dirname(copy), 0o700);
  return join(copy, "native");
}

describe("a data folder", () => {
  it("of somebody else is refused and stays as it is", async () => {
    await mkdir(dataFolder);
    await writeFile(join(dataFolder, "letters.txt"), "Dear Eve");
    const before = await stat(dataFolder);
    await expectStartRefused(start(), "DATA_FOLDER_FOREIGN", dataFolder, "PEERBRAIN_DATA");
    expect(await readdir(dataFolder)).toEqual(["letters.txt"]);
    const after = await stat(dataFolder);
    expect({ mode: after.mode, changed: after.ctimeMs }).toEqual({ mode: before.mode, changed: before.ctimeMs });
  });

  it("of a newer PeerBrain is refused", async () => {
    await mkdir(dataFolder);
    await writeFile(join(dataFolder, "peerbrain.layout"), "2\n");
    await expectStartRefused(start(), "DATA_FOLDER_NEWER", "layout 2");
  });

  it("that is empty but for a file system's own folder is taken", async () => {
    await mkdir(join(dataFolder, "lost+found"), { recursive: true });
    await startAndStop();
  });

  it("that cannot be made is refused with the reason", async () => {
    await writeFile(join(folder.path, "file"), "");
    dataFolder = join(folder.path, "file", "data");
    await expectStartRefused(start(), "DATA_FOLDER_UNUSABLE", `${dataFolder} cannot be used (`, "PEERBRAIN_DATA");
  });

  it("whose postgres/ is no database is refused and stays as it is", async () => {
    await mkdir(join(dataFolder, "postgres"), { recursive: true });
    await writeFile(join(dataFolder, "peerbrain.layout"), "1\n");
    await writeFile(join(dataFolder, "postgres", "notes.txt"), "mine");
    await expectStartRefused(start(), "DATA_FOLDER_FOREIGN", "nothing in it was touched");
    expect(await readdir(join(dataFolder, "postgres"))).toEqual(["notes.txt"]);
  });

  it("of another PostgreSQL version is refused with the way out", async () => {
    await mkdir(join(dataFolder, "postgres"), { recursive: true });
    await writeFile(join(dataFolder, "peerbrain.layout"), "1\n");
    await writeFile(join(dataFolder, "postgres", "PG_VERSION"), "16\n");
    await expectStartRefused(start(), "DATABASE_FOREIGN", "PostgreSQL 16", "PostgreSQL 18", "Dump it");
  });
});

describe("PostgreSQL's programs", () => {
  it("that do not exist for a platform: the refusal names DATABASE_URL", async () => {
    await expectStartRefused(Promise.resolve().then(() => findNativeFolder("plan9-mips")), "DATABASE_BINARY_MISSING", "plan9-mips", "DATABASE_URL");
  });

  it("that this system cannot load: the refusal names DATABASE_URL", async () => {
    const native = await copyNativePackage(async (copy) => {
      // As on a system whose C library has another name: the kernel does not find the program's interpreter.
      await writeFile(join(copy, "bin", "initdb"), `#!${join(folder.path, "no-such-loader")}\n`);
    });
    await expectStartRefused(start(native), "DATABASE_BINARY_MISSING", "does not start", "DATABASE_URL");
    expect(await readdir(dataFolder)).not.toContain("postgres");
  });

  it("without their library links, as npm leaves them without install scripts, run all the same", async () => {
    const links: string[] = [];
    const native = await copyNativePackage(async (copy) => {
      const list = JSON.parse(await readFile(join(copy, "pg-symlinks.json"), "utf8")) as { target: string }[];
      links.push(...list.map(({ target }) => join(dirname(copy), target)));
      for (const link of links) await rm(link, { force: true });
    });
    expect(links.length).toBeGreaterThan(0);
    await startAndStop(native);
    if (isRoot) return;
    for (const link of links) expect((await lstat(link)).isSymbolicLink()).toBe(true);
  });
});

if (isRoot) {
  describe("as root", () => {
    it("the data folder lets the database's user through to postgres/ and nowhere else", async () => {
      await startAndStop();
      const { uid, gid } = await findNobody();
      const shape = async (name: string) => {
        const found = await stat(join(dataFolder, name));
        return { uid: found.uid, mode: (found.mode & 0o777).toString(8) };
      };
      expect(await shape(".")).toEqual({ uid: 0, mode: "711" });
      expect(await shape("postgres")).toEqual({ uid, mode: "700" });
      expect(await shape("postgres.log")).toEqual({ uid: 0, mode: "600" });

      await writeFile(join(dataFolder, "relay.keys"), "secret", { mode: 0o600 });
      const asDatabaseUser = (program: string, ...args: string[]) => promisify(execFile)(program, args, { uid, gid, cwd: "/" });
      await expect(asDatabaseUser("cat", join(dataFolder, "relay.keys"))).rejects.toThrow("Permission denied");
      await expect(asDatabaseUser("ls", dataFolder)).rejects.toThrow("Permission denied");
      await expect(asDatabaseUser("touch", join(dataFolder, "new"))).rejects.toThrow("Permission denied");
      await expect(asDatabaseUser("cat", join(dataFolder, "postgres", "PG_VERSION"))).resolves.toMatchObject({ stdout: "18\n" });
    });

    it("programs below a closed folder are copied once to where the database's user reaches them", async () => {
      const native = await copyNativePackage(async () => undefined);
      await startAndStop(native);
      const [version = ""] = await readdir(join(dataFolder, "postgres-programs"));
      expect(version).toMatch(/^18\./);
      const program = join(dataFolder, "postgres-programs", version, "bin", "postgres");
      const before = await stat(program);
      await startAndStop(native);
      expect((await stat(program)).ctimeMs).toBe(before.ctimeMs);
    });

    it("a data folder below a closed folder is refused with the folder that is in the way", async () => {
      await mkdir(join(folder.path, "closed"), { mode: 0o700 });
      dataFolder = join(folder.path, "closed", "data");
      await expectStartRefused(start(), "DATA_FOLDER_UNUSABLE", `cannot enter ${dirname(dataFolder)} `, "/var/lib/peerbrain");
    });

    it("a database that belongs to an ordinary user goes on under that user", async () => {
      const user = { uid: 12_345, gid: 12_345 };
      await startAndStop();
      await promisify(execFile)("chown", ["-R", `${user.uid}:${user.gid}`, join(dataFolder, "postgres")]);
      const database = await start();
      const pid = (await readFile(join(dataFolder, "postgres", "postmaster.pid"), "utf8")).split("\n")[0];
      const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => `Uid:\t${user.uid}`);
      expect(status).toContain(`Uid:\t${user.uid}`);
      await database.stop();
    });
  });

  const nobody = await findNobody();
  // A checkout below a folder such as /root is closed to other users: then there is no ordinary user who could run it.
  if ((await findBarrier(nobody, import.meta.dirname)) === undefined) {
    describe("as an ordinary user", () => {
      it("everything belongs to that user and nothing is copied", async () => {
        await mkdir(dataFolder);
        await chown(dataFolder, nobody.uid, nobody.gid);
        const holder = spawnProcess(join(import.meta.dirname, "hold-database.process.ts"), [join(dataFolder, "inner")], nobody);
        const line = await holder.nextLine();
        expect(line).toHaveProperty("connection");
        await answers(line as Pick<EmbeddedPostgres, "connection">);
        holder.child.stdin.write("stop\n");
        await holder.end();
        expect((await readdir(join(dataFolder, "inner"))).sort()).toEqual(["peerbrain.layout", "postgres", "postgres.log"]);
        expect((await stat(join(dataFolder, "inner"))).mode & 0o777).toBe(0o700);
      });
    });
  }
}
