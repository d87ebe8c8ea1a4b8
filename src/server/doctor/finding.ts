import { StartRefused, type StartRefusalCode } from "../../domain/start-refused.ts";

/** What may be wrong besides what keeps a relay from starting. */
type Fault =
  | "CLOCK_OFF"
  | "DATABASE_EMPTY"
  | "DISK_FULL"
  | "KEYS_WEAK"
  | "PUBLIC_URL_FOREIGN"
  | "PUBLIC_URL_UNREACHABLE"
  | "RELAY_SILENT"

  | "STALE_LOCK"
  | "TLS_EXPIRED"
  | "TLS_EXPIRES_SOON"
  | "TLS_INVALID";

/** The outcome of one check. People read the texts, scripts the code. */
export type Finding =
  | { check: string; outcome: "ok"; found: string }
  | { check: string; outcome: "warn" | "fail"; code: Fault | StartRefusalCode; found: string; advice: string };

export function ok(check: string, found: string): Finding {
  return { check, outcome: "ok", found };
}

/** The relay works, and somebody should look. */
export function warn(check: string, code: Fault, found: string, advice: string): Finding {
  return { check, outcome: "warn", code, found, advice };
}

export function fail(check: string, code: Fault | StartRefusalCode, found: string, advice: string): Finding {
  return { check, outcome: "fail", code, found, advice };
}

/** What would keep a relay from starting, as a finding: its text says what happened and then what to do. */
export function failOf(check: string, error: unknown): Finding {
  if (!(error instanceof StartRefused)) throw error;
  return fail(check, error.code, error.message, "A relay does not start like this.");
}
