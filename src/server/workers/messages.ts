import type { StartRefusalCode } from "../../domain/start-refused.ts";
import type { RelayDatabase } from "../../storage/open-database.ts";
import type { Relay } from "../compose.ts";

/** What a relay says of itself when it is ready. */
export type RelayPlace = Pick<Relay, "version" | "url" | "socketUrl" | "playgroundUrl">;

/** What the first process found out for all workers. */
export interface WorkerTask {
  connection: RelayDatabase["connection"];
  restorations: number;
}

export type ToWorker = { kind: "task"; task: WorkerTask } | { kind: "stop" } | { kind: "retire" };

export type FromWorker =
  | { kind: "asksForTask" }
  | { kind: "ready"; place: RelayPlace }
  | { kind: "refused"; code: StartRefusalCode; text: string };

export function isToWorker(message: unknown): message is ToWorker {
  return isOfKind(message, ["task", "stop", "retire"]);
}

export function isFromWorker(message: unknown): message is FromWorker {
  return isOfKind(message, ["asksForTask", "ready", "refused"]);
}

/** The counters of the rate limits speak over the same channel. */
function isOfKind(message: unknown, kinds: string[]): boolean {
  return typeof message === "object" && message !== null && "kind" in message && kinds.includes(String(message.kind));
}
