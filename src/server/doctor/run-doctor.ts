import { StartRefused } from "../../domain/start-refused.ts";
import { systemClock } from "../adapters/system.ts";
import { loadConfig } from "../config/config.ts";
import { type Environment, readEnvironment } from "../config/env.ts";
import { createLog } from "../log.ts";
import { examine } from "./examine.ts";
import { failOf, type Finding } from "./finding.ts";

const MIB = 1024 * 1024;
const MIN_FREE_MIB = 512;
const SIGNS = { ok: "ok  ", warn: "warn", fail: "FAIL" } as const;

export interface DoctorOptions {
  said: Environment["variables"];
  minFreeMib: string | undefined;
  clock: string | undefined;
  isJson: boolean;
}

/** Says what is in order and what is not; resolves with the exit code. */
export async function runDoctor({ isJson, ...options }: DoctorOptions): Promise<number> {
  const findings = await findAll(options);
  const isFine = findings.every(({ outcome }) => outcome !== "fail");
  process.stdout.write(isJson ? `${JSON.stringify({ ok: isFine, findings }, null, 2)}\n` : findings.map(describe).join(""));
  return isFine ? 0 : 1;
}

async function findAll({ said, minFreeMib, clock }: Omit<DoctorOptions, "isJson">): Promise<Finding[]> {
  const environment = readEnvironment(said);
  try {
    const minFreeBytes = readMebibytes(minFreeMib) * MIB;
    const clockUrls = readUrls(clock);
    const { config, secrets } = loadConfig(environment);
    const { checkoutFolder } = environment;
    const examination = { config, secrets, checkoutFolder, clock: systemClock, clockUrls, minFreeBytes, log: createLog({ level: "silent" }) };
    return [{ check: "configuration", outcome: "ok", found: `can be used; the data folder is ${config.dataFolder}` }, ...(await examine(examination))];
  } catch (error) {
    return [failOf("configuration", error)];
  }
}

function readMebibytes(text = String(MIN_FREE_MIB)): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new StartRefused("CONFIG_INVALID", "--min-free-mib must be a whole number.");
}

function readUrls(text: string | undefined): string[] {
  const urls = text?.split(",").map((part) => part.trim()) ?? [];
  if (urls.every((url) => URL.canParse(url) && /^https?:$/.test(new URL(url).protocol))) return urls;
  throw new StartRefused("CONFIG_INVALID", "--clock must be web addresses such as https://www.example.org, separated by commas.");
}

function describe(finding: Finding): string {
  const line = `${SIGNS[finding.outcome]}  ${finding.check}: ${finding.found}`;
  return finding.outcome === "ok" ? `${line}\n` : `${line} (${finding.code})\n      ${finding.advice}\n`;
}
