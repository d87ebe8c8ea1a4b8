import { spawn, type IPty } from "@lydell/node-pty";
import { setTimeout as sleep } from "node:timers/promises";
import { stripVTControlCharacters } from "node:util";

/** A program at a terminal, and a person in front of it. */
export interface Screen {
  /** All that was shown so far, as text. */
  readonly text: string;
  /** The same with the sequences that colour it. */
  readonly painted: string;
  type(keys: string): void;
  /** Waits for this to be shown behind what was seen before; resolves with all that was shown up to its end. */
  see(what: string | RegExp): Promise<string>;
  /** Resolves with the exit code. */
  ended: Promise<number>;
  kill(): void;
}

const PATIENCE_MS = 40_000;
const POLL_MS = 100;
const WIPED = new RegExp("[^\\n]*\\r\\u001b\\[2K", "g");
export const CTRL_C = "\u0003";
export const ENTER = "\r";

/** Runs a program in a real pseudo-terminal. */
export function openScreen(file: string, args: string[], variables: Record<string, string>): Screen {
  const pty: IPty = spawn(file, args, { cols: 100, rows: 40, env: { PATH: process.env["PATH"] ?? "", TERM: "xterm-256color", ...variables } });
  let shown = "";
  let seen = 0;
  let wake = (): void => undefined;
  pty.onData((data) => {
    shown += data;
    wake();
  });
  // What a program wiped from its line again, nobody reads.
  const painted = (): string => shown.replaceAll(WIPED, "").replaceAll("\r\n", "\n");
  const text = (): string => stripVTControlCharacters(painted());
  const ended = new Promise<number>((resolve) => void pty.onExit(({ exitCode }) => resolve(exitCode)));
  return {
    ended,
    get text() {
      return text();
    },
    get painted() {
      return painted();
    },
    type: (keys) => pty.write(keys),
    kill: () => pty.kill("SIGKILL"),
    async see(what) {
      const untilMs = Date.now() + PATIENCE_MS;
      for (;;) {
        const fresh = text().slice(seen);
        const end = endOf(fresh, what);
        if (end !== undefined) {
          seen += end;
          return fresh.slice(0, end);
        }
        if (Date.now() > untilMs) throw new Error(`the terminal did not show ${String(what)}, but:\n${fresh}`);
        await Promise.race([new Promise<void>((resolve) => (wake = resolve)), sleep(POLL_MS)]);
      }
    },
  };
}

function endOf(text: string, what: string | RegExp): number | undefined {
  const [found] = typeof what === "string" ? [text.includes(what) ? what : undefined] : (what.exec(text) ?? []);
  return found === undefined ? undefined : text.indexOf(found) + found.length;
}
