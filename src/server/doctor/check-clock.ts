import { errorCode } from "../../storage/error-code.ts";
import { askAddress } from "./ask-address.ts";
import type { DatabaseFacts } from "../../storage/examine-database.ts";
import type { Examination } from "./examination.ts";
import { fail, ok, type Finding } from "./finding.ts";

const CHECK = "clock";
/** Web servers tell their time to the second. */
const TOLERANCE_MS = 10_000;
const ADVICE = "Have a time service (chrony, systemd-timesyncd) set this machine's clock. Access tokens and friend requests run out by it, and people see its times.";

/** Another clock, less this machine's. */
interface Difference {
  of: string;
  ms: number;
}

/**
 * Compares this machine's clock with the database's, with those of web servers, and with the newest entry, which cannot have
 * come later than now.
 */
export async function checkClock(examination: Examination, database: Pick<DatabaseFacts, "newestReceiptMs"> & { aheadMs: number } | undefined): Promise<Finding> {
  const { clock, config, clockUrls } = examination;
  const differences: Difference[] = database === undefined ? [] : [{ of: "the database", ms: database.aheadMs }];
  const silent: string[] = [];
  for (const url of [...clockUrls, ...(config.publicUrl === undefined ? [] : [config.publicUrl])]) {
    const difference = await compareWith(url, clock).catch(errorCode);
    if (typeof difference === "number") differences.push({ of: url, ms: difference });
    else silent.push(`${url} tells no time (${difference})`);
  }
  const newestMs = (database?.newestReceiptMs ?? 0) - clock.nowMs();
  if (newestMs > TOLERANCE_MS) return fail(CHECK, "CLOCK_OFF", `the newest entry came ${seconds(newestMs)} in the future: the clock was set back`, ADVICE);
  const off = differences.filter(({ ms }) => Math.abs(ms) > TOLERANCE_MS);
  if (off.length > 0) return fail(CHECK, "CLOCK_OFF", off.map(describe).join("; "), ADVICE);
  const agrees = differences.length === 0 ? "there is nothing to compare it with" : `agrees with ${differences.map(({ of }) => of).join(", ")}`;
  return ok(CHECK, [agrees, ...silent].join("; "));
}

async function compareWith(url: string, { nowMs }: Examination["clock"]): Promise<number | string> {
  const beforeMs = nowMs();
  const { dateMs } = await askAddress(url);
  if (dateMs === undefined) return "no Date header";
  return dateMs - (beforeMs + nowMs()) / 2;
}

function describe({ of, ms }: Difference): string {
  return `this clock is ${seconds(Math.abs(ms))} ${ms > 0 ? "behind" : "ahead of"} that of ${of}`;
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1000)} s`;
}
