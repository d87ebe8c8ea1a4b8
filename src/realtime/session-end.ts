import { equalBytes } from "../protocol/index.ts";
import type { Viewer } from "../domain/viewer.ts";
import type { UserEvent } from "./hub.ts";

/** Whether the event ends the session that a stream belongs to. */
export function endsSession(event: UserEvent, { sessionId }: Viewer): boolean {
  return event.kind === "sessionsEnded" && event.sessionIds.some((id) => equalBytes(id, sessionId));
}
