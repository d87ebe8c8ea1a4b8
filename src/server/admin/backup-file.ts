import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { link, open, rm } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import { z } from "zod";
import { StartRefused } from "../../domain/start-refused.ts";
import type { TableRow } from "../../storage/backup/dump-tables.ts";
import { errorCode } from "../../storage/error-code.ts";

const VERSION = 1;

/** The first letter of a line says what the line is. docs/BACKUP.md describes the format. */
const Tag = { HEAD: "H", TABLE: "T", ROW: "R", SUM: "S" } as const;

const head = z.object({
  format: z.literal("peerbrain backup"),
  version: z.literal(VERSION),
  createdAtMs: z.number(),
  softwareVersion: z.string(),
  migrations: z.array(z.string()),
  /** Of relay.keys, unless that is kept elsewhere. */
  relayKeys: z.string().nullable(),
});

export type BackupHead = Omit<z.infer<typeof head>, "format" | "version">;

/** Writes a backup that appears whole or not at all, readable by this user alone. Throws StartRefused WOULD_OVERWRITE, BACKUP_UNUSABLE. */
export async function writeBackup(path: string, content: BackupHead, rows: AsyncIterable<TableRow>): Promise<void> {
  const draft = `${path}.partial`;
  try {
    await rm(draft, { force: true });
    const file = await open(draft, "wx", 0o600);
    await pipeline(Readable.from(linesOf(content, rows)), createGzip(), file.createWriteStream({ flush: true }));
    await link(draft, path);
  } catch (error) {
    const code = errorCode(error);
    if (code === "EEXIST") throw new StartRefused("WOULD_OVERWRITE", `${path} is there already, and was left as it is. Name another file.`, { cause: error });
    if (/^E[A-Z]+$/.test(code)) throw new StartRefused("BACKUP_UNUSABLE", `${path} cannot be written (${code}).`, { cause: error });
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

async function* linesOf(content: BackupHead, rows: AsyncIterable<TableRow>): AsyncGenerator<string> {
  const sum = createHash("sha256");
  const line = (tag: string, text: string): string => {
    const whole = `${tag}${text}\n`;
    sum.update(whole);
    return whole;
  };
  yield line(Tag.HEAD, JSON.stringify({ format: "peerbrain backup", version: VERSION, ...content }));
  let current: string | undefined;
  for await (const { table, json } of rows) {
    if (table !== current) yield line(Tag.TABLE, JSON.stringify(table));
    current = table;
    yield line(Tag.ROW, json);
  }
  yield `${Tag.SUM}${sum.digest("hex")}\n`;
}

/** What a backup begins with. Throws StartRefused BACKUP_UNUSABLE. */
export async function readBackupHead(path: string): Promise<BackupHead> {
  for await (const line of readLines(path)) return parseHead(path, line);
  throw unusable(path, "it is empty");
}

/** Its rows; those of a file that is damaged or cut off end with StartRefused BACKUP_UNUSABLE. */
export async function* readBackupRows(path: string): AsyncGenerator<TableRow> {
  const sum = createHash("sha256");
  let table: string | undefined;
  let written: string | undefined;
  for await (const line of readLines(path)) {
    if (written !== undefined) throw unusable(path, "it goes on behind its end");
    const text = line.slice(1);
    if (line.startsWith(Tag.SUM)) {
      written = text;
      continue;
    }
    sum.update(`${line}\n`);
    if (line.startsWith(Tag.TABLE)) table = parseTable(path, text);
    else if (line.startsWith(Tag.ROW) && table !== undefined) yield { table, json: text };
    else if (!line.startsWith(Tag.HEAD)) throw unusable(path, "it is damaged");
  }
  if (written === undefined) throw unusable(path, "its end is missing");
  if (written !== sum.digest("hex")) throw unusable(path, "it is damaged");
}

/** By line feeds alone: texts may hold what others take for the end of a line. */
async function* readLines(path: string): AsyncGenerator<string> {
  const source = createReadStream(path);
  const plain = createGunzip();
  source.once("error", (error) => plain.destroy(error));
  source.pipe(plain).setEncoding("utf8");
  let rest = "";
  try {
    for await (const chunk of plain as AsyncIterable<string>) {
      const parts = `${rest}${chunk}`.split("\n");
      rest = parts.pop() ?? "";
      yield* parts;
    }
  } catch (error) {
    const code = errorCode(error);
    throw unusable(path, code.startsWith("Z_") ? "it is damaged" : `it cannot be read (${code})`, error);
  } finally {
    source.destroy();
  }
  if (rest !== "") throw unusable(path, "its end is missing");
}

function parseHead(path: string, line: string): BackupHead {
  try {
    const { relayKeys, migrations, createdAtMs, softwareVersion } = head.parse(JSON.parse(line.slice(1)));
    if (line.startsWith(Tag.HEAD)) return { relayKeys, migrations, createdAtMs, softwareVersion };
  } catch {
    // Said below: the error may quote the file.
  }
  throw unusable(path, `it is no backup of PeerBrain, or not of version ${VERSION}`);
}

function parseTable(path: string, text: string): string {
  try {
    return z.string().parse(JSON.parse(text));
  } catch {
    throw unusable(path, "it is damaged");
  }
}

function unusable(path: string, reason: string, cause?: unknown): StartRefused {
  return new StartRefused("BACKUP_UNUSABLE", `${path} cannot be used: ${reason}.`, { cause });
}
