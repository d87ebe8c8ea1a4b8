import { join } from "node:path";
import { StartRefused } from "../../domain/start-refused.ts";
import { type DatabaseFacts, examineDatabase } from "../../storage/examine-database.ts";
import { type EmbeddedTraces, findEmbeddedTraces, reachDatabase } from "../../storage/reach-database.ts";
import type { Examination } from "./examination.ts";
import { fail, failOf, ok, warn, type Finding } from "./finding.ts";

const CHECK = "database";
const LOCK = "lock";
const SCHEMA = "schema";

export interface ExaminedDatabase {
  findings: Finding[];
  /** Undefined when it could not be asked, or is not there yet. */
  facts: (DatabaseFacts & { aheadMs: number }) | undefined;
  /** The relay that has the embedded database, by its own words. */
  holder: string | undefined;
}

/** Whether the database is there and answers, who else uses it, and whether its tables are those of this program. */
export async function checkDatabase(examination: Examination): Promise<ExaminedDatabase> {
  const { config, secrets } = examination;
  if (secrets.databaseUrl !== undefined) return { ...(await examine(examination, "the one of DATABASE_URL answers")), holder: undefined };
  const traces = await findEmbeddedTraces(config.dataFolder);
  const lock = describeLock(traces);
  if (!traces.exists) return { findings: [ok(CHECK, "not made yet: the first start makes it"), lock], facts: undefined, holder: undefined };
  const found = traces.postmaster?.isRunning === true ? "the embedded one runs and answers" : "the embedded one was started, answered and was ended again";
  const { findings, facts } = await examine(examination, found);
  return { findings: [...findings, lock], facts, holder: traces.holder };
}

async function examine(examination: Examination, found: string): Promise<Pick<ExaminedDatabase, "findings" | "facts">> {
  const { config, secrets, checkoutFolder, clock, log } = examination;
  try {
    const database = await reachDatabase({ databaseUrl: secrets.databaseUrl?.reveal(), dataFolder: config.dataFolder, clock, log });
    try {
      const beforeMs = clock.nowMs();
      const facts = await examineDatabase(database.connection, join(checkoutFolder, "prisma/migrations"));
      const aheadMs = facts.nowMs - (beforeMs + clock.nowMs()) / 2;
      return { findings: [ok(CHECK, found), describeSchema(facts)], facts: { ...facts, aheadMs } };
    } finally {
      await database.close();
    }
  } catch (error) {
    const check = error instanceof StartRefused && /^(MIGRATION|DATABASE_NEWER|DATABASE_FOREIGN)/.test(error.code) ? SCHEMA : CHECK;
    return { findings: [failOf(check, error)], facts: undefined };
  }
}

function describeSchema({ missingMigrations }: DatabaseFacts): Finding {
  if (missingMigrations === undefined) return ok(SCHEMA, "no tables yet: the first start makes them");
  if (missingMigrations.length === 0) return ok(SCHEMA, "as this version has it");
  return fail(SCHEMA, "SCHEMA_OLD", `the database lacks ${missingMigrations.join(", ")}`, "Make a backup, then stop and start the relay: a start brings the tables up to this version.");
}

function describeLock({ postmaster, holder }: EmbeddedTraces): Finding {
  if (postmaster === undefined) return ok(LOCK, "nobody uses the data folder");
  if (!postmaster.isRunning) {
    return warn(LOCK, "STALE_LOCK", `postmaster.pid names process ${postmaster.pid}, which is no database of this folder: a crash left it behind`, "Start the relay: it removes the file and recovers what was committed. Do not remove anything by hand.");
  }
  if (holder !== undefined) return ok(LOCK, `the data folder is in use by a ${holder}`);
  return warn(LOCK, "STALE_LOCK", `the database runs (process ${postmaster.pid}) without a relay: one was killed`, "Start the relay: it takes the database over.");
}
