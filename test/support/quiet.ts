import type { Log, LogFields } from "../../src/domain/log.ts";
import type { Clock } from "../../src/domain/ports/index.ts";

export const systemClock: Clock = { nowMs: () => Date.now() };

export const silentLog: Log = { debug: ignore, info: ignore, warn: ignore, error: ignore };

/** A log that a test can read: the fixed text of every line, with its fields. */
export function recordingLog(): Log & { lines: { level: keyof Log; text: string; fields: LogFields | undefined }[] } {
  const lines: { level: keyof Log; text: string; fields: LogFields | undefined }[] = [];
  const record = (level: keyof Log) => (text: string, fields?: LogFields) => void lines.push({ level, text, fields });
  return { lines, debug: record("debug"), info: record("info"), warn: record("warn"), error: record("error") };
}

function ignore(): void {
  // Nobody reads it.
}

/** Tells at once what a relay tells at the end of a tick. */
export const atOnce = { later: (task: () => void): void => task() };
