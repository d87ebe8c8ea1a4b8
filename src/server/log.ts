import { type DestinationStream, type Logger, pino } from "pino";
import type { Log, LogFields } from "../domain/log.ts";
import { StartRefused } from "../domain/start-refused.ts";

const MAX_VALUE_CHARACTERS = 200;
const MAX_FRAMES = 12;
const MAX_CAUSES = 3;

/** The fields that may be written. Whatever else a caller passes is dropped, whatever its type says. */
const ALLOWED: Readonly<Record<Exclude<keyof LogFields, "error">, true>> = {
  url: true, host: true, port: true, folder: true, pid: true, signal: true, version: true, migration: true, code: true, errorId: true,
  operation: true, method: true, status: true, attempt: true, count: true, bytes: true, durationMs: true, sockets: true, subscriptions: true,
};

/** What a line says about an error: what it was and where, and its text only where that text is known to hold no content. */
interface LoggedError {
  name: string;
  code?: string | number;
  text?: string;
  frames: string[];
  cause?: LoggedError;
}

/**
 * Structured log lines, one JSON object each, written to `destination` (by default standard output). A destination may keep
 * lines for a while to write them together; a warning or an error goes out at once, with all before it.
 */
export function createLog({ level, destination }: { level: string; destination?: DestinationStream }): Log {
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: (label: string) => ({ level: label }) }, messageKey: "text" };
  const logger = destination === undefined ? pino(options) : pino(options, destination);
  const write = (at: "debug" | "info" | "warn" | "error") => (text: string, fields: LogFields = {}) => writeLine(logger, at, text, fields);
  return { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
}

function writeLine(logger: Logger, level: "debug" | "info" | "warn" | "error", text: string, fields: LogFields): void {
  if (!logger.isLevelEnabled(level)) return;
  const { error, ...rest } = fields;
  const allowed = Object.entries(rest).filter(([name, value]) => Object.hasOwn(ALLOWED, name) && value !== undefined);
  const line = Object.fromEntries(allowed.map(([name, value]) => [name, plainValue(value)]));
  logger[level](error === undefined ? line : { ...line, error: describeError(error) }, text);
  if (level === "warn" || level === "error") logger.flush();
}

/** Numbers and short texts only: an object that got here by mistake could hold anything. */
function plainValue(value: unknown): string | number | undefined {
  if (typeof value === "number") return value;
  if (typeof value === "string") return value.slice(0, MAX_VALUE_CHARACTERS);
  return undefined;
}

function describeError(error: unknown, depth = 0): LoggedError {
  if (!(error instanceof Error)) return { name: typeof error, frames: [] };
  const { code } = error as { code?: unknown };
  return {
    name: error.name.slice(0, MAX_VALUE_CHARACTERS),
    ...((typeof code === "string" || typeof code === "number") && { code: plainValue(code) ?? "" }),
    // Other texts may quote what somebody sent or what the database holds.
    ...(error instanceof StartRefused && { text: error.message }),
    frames: readFrames(error),
    ...(error.cause !== undefined && depth < MAX_CAUSES && { cause: describeError(error.cause, depth + 1) }),
  };
}

/** The places of a stack without its first lines, which repeat the error's text. */
function readFrames({ stack = "", message }: Error): string[] {
  const afterText = stack.includes(message) ? stack.slice(stack.indexOf(message) + message.length) : stack;
  return afterText.split("\n").map((line) => line.trim()).filter((line) => /^at .+:\d+:\d+\)?$/.test(line)).slice(0, MAX_FRAMES);
}
