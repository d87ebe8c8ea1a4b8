import type { EntryCheck, InspectedEntry } from "../../client/index.ts";
import type { ShownEntry } from "./find-entries.ts";

export interface Credentials {
  username: string;
  password: string;
}

/** An entry as its reader sees it; ids are in base64url. */
export interface ReadEntry extends Pick<InspectedEntry, "username" | "verification" | "seq" | "epoch" | "type" | "writtenAtMs" | "receivedAtMs"> {
  kind: "read";
  id: string;
  author: string;
  /** Null where there is no text: of any other type, or withdrawn. */
  text: string | null;
  /** What stands there instead of a text, or beside it. */
  note: string | undefined;
  /** Those of the SDK, and whether the answer shows what was signed. */
  checks: (EntryCheck | { name: "answer"; holds: boolean })[];
}

/** An entry that cannot be shown opened, and why. */
export interface UnreadEntry {
  kind: "unread";
  reason: string;
}

export type Reading = ReadEntry | UnreadEntry;

/** What the page may ask of the worker that holds the keys. Passwords and sealed entries go in; access tokens and opened texts come out, never a key. */
export interface WorkerCalls {
  login(credentials: Credentials): { username: string };
  register(credentials: Credentials): { username: string; recoveryCode: string };
  accessToken(): string;
  read(shown: ShownEntry[]): Reading[];
  logout(): void;
}

type Name = keyof WorkerCalls;

export type Input<Call extends Name> = Parameters<WorkerCalls[Call]>;
export type Output<Call extends Name> = ReturnType<WorkerCalls[Call]>;

/** From the page to the worker. */
export type WorkerQuestion = { [Call in Name]: { id: number; call: Call; input: Input<Call> } }[Name];

/** From the worker to the page: an answer, the news that the session is over, or what the SDK warns of. */
export type WorkerAnswer =
  | { kind: "done"; id: number; output: Output<Name> }
  | { kind: "failed"; id: number; text: string }
  | { kind: "signedOut"; text: string }
  | { kind: "warning"; text: string };
