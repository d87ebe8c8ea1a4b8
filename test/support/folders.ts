import { chmod, mkdir, mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findBarrier, findNobody } from "../../src/storage/embedded-postgres/database-user.ts";

/** Where root keeps what another user must reach, when the temporary folder is closed to others. */
const OPEN_BASE = "/var/lib/peerbrain/test";

export interface TemporaryFolder {
  path: string;
  remove(): Promise<void>;
}

/** A fresh folder that the database's user can reach, whoever runs the tests. */
export async function createTemporaryFolder(): Promise<TemporaryFolder> {
  const path = await realpath(await mkdtemp(join(await findBase(), "peerbrain-")));
  await chmod(path, 0o711);
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

async function findBase(): Promise<string> {
  const isClosed = process.getuid?.() === 0 && (await findBarrier(await findNobody(), tmpdir())) !== undefined;
  if (!isClosed) return tmpdir();
  await mkdir(OPEN_BASE, { recursive: true });
  return OPEN_BASE;
}
