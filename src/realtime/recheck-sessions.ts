import { setTimeout as sleep } from "node:timers/promises";
import type { Log } from "../domain/log.ts";
import type { Bus, SessionRepository } from "../domain/ports/index.ts";
import type { Viewer } from "../domain/viewer.ts";
import { idKey } from "../protocol/index.ts";

export interface RecheckSessionsOptions {
  bus: Bus;
  /** Who is connected to this process. */
  listViewers(): Iterable<Viewer>;
  sessions: Pick<SessionRepository, "listOpen">;
  log: Log;
  /** How often to look without a gap: whoever runs the relay ends sessions in the store alone. */
  everyMs: number;
}

const SESSIONS_AT_ONCE = 1_000;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

/**
 * After a gap and from time to time, asks the store which sessions of those who are connected have ended, and publishes that: whoever carries
 * something of theirs hears it as if it had never been lost. Returns what ends the watch.
 */
export function recheckSessions({ bus, listViewers, sessions, log, everyMs }: RecheckSessionsOptions): () => void {
  const stopping = new AbortController();
  let isDue = false;
  let isChecking = false;

  const stopListening = bus.subscribe(({ kind }) => {
    if (kind === "gap") beginCheck();
  });
  const timer = setInterval(beginCheck, everyMs);

  function beginCheck(): void {
    isDue = true;
    if (!isChecking) void check();
  }

  /** Once for all gaps that are heard in the meantime, and again for those heard while it reads. */
  async function check(): Promise<void> {
    isChecking = true;
    for (let attempt = 0; isDue && !stopping.signal.aborted; attempt += 1) {
      isDue = false;
      try {
        await publishEnded();
      } catch (error) {
        log.error("sessions cannot be checked after a gap", { attempt: attempt + 1, error });
        isDue = true;
        await sleep(Math.min(FIRST_PAUSE_MS * 2 ** attempt, LONGEST_PAUSE_MS), undefined, { signal: stopping.signal }).catch(() => undefined);
      }
    }
    isChecking = false;
  }

  async function publishEnded(): Promise<void> {
    const viewers = [...new Map([...listViewers()].map((viewer) => [idKey(viewer.sessionId), viewer])).values()];
    for (let start = 0; start < viewers.length; start += SESSIONS_AT_ONCE) {
      const asked = viewers.slice(start, start + SESSIONS_AT_ONCE);
      const open = new Set((await sessions.listOpen(asked.map(({ sessionId }) => sessionId))).map(idKey));
      for (const { userId, sessionId } of asked) {
        if (!open.has(idKey(sessionId))) bus.publish({ kind: "sessionsEnded", userId, sessionIds: [sessionId] });
      }
    }
  }

  return () => {
    stopping.abort();
    clearInterval(timer);
    stopListening();
  };
}
