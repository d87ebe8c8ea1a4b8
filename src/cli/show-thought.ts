import type { ReadThought } from "../client/index.ts";
import { printable, printableLine } from "./printable.ts";
import type { Paint } from "./terminal.ts";

/** How many hexadecimal digits of an id people see: enough to name any of their thoughts. */
const SHOWN_DIGITS = 10;

/** The id of a thought on the command line: hexadecimal, so that none begins with a dash. */
export function idOf(hash: Uint8Array): string {
  return Buffer.from(hash).toString("hex");
}

/** The beginning of an id, for people. */
export function shortId(hash: Uint8Array): string {
  return idOf(hash).slice(0, SHOWN_DIGITS);
}

/** A thought as people see it: who, how sure that is, when, which; then the text. */
export function showThought(thought: ReadThought, me: string, paint: Paint): string {
  const { username, verification, id, receivedAtMs, edited, reply, text } = thought;
  const about = [showAuthor({ username, verification }, me, paint), paint("dim", `${showTime(receivedAtMs)}  ${shortId(id)}`)];
  if (reply !== undefined) about.push(paint("dim", `answers ${shortId(reply)}`));
  if (edited) about.push(paint("dim", "edited"));
  const lines = printable(text).split("\n");
  return `${about.join("  ")}\n${lines.map((line) => `  ${line}`).join("\n")}`;
}

/** A name, and whether it is known to be them. */
export function showAuthor({ username, verification }: Pick<ReadThought, "username" | "verification">, me: string, paint: Paint): string {
  const name = paint("bold", printableLine(username));
  if (username === me) return `${name} ${paint("dim", "(you)")}`;
  if (verification === "verified") return `${name} ${paint("green", "(verified)")}`;
  return verification === "changed" ? `${name} ${paint("red", "(identity card changed)")}` : `${name} ${paint("yellow", "(unverified)")}`;
}

/** Minutes of the local time. */
export function showTime(ms: number): string {
  const time = new Date(ms);
  const two = (part: number): string => String(part).padStart(2, "0");
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())} ${two(time.getHours())}:${two(time.getMinutes())}`;
}

/** The documented shape (docs/CLI.md). */
export function thoughtJson(thought: ReadThought): object {
  const { id, username, author, verification, seq, text, edited, reply, writtenAtMs, receivedAtMs } = thought;
  return {
    id: idOf(id),
    username,
    userId: Buffer.from(author).toString("base64url"),
    verification,
    seq,
    text,
    edited,
    reply: reply === undefined ? null : idOf(reply),
    writtenAt: new Date(writtenAtMs).toISOString(),
    receivedAt: new Date(receivedAtMs).toISOString(),
  };
}
