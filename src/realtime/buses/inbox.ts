import type { RelayEvent } from "../../domain/ports/index.ts";
import { parseMessage } from "./bus-codec.ts";

/** Of how many processes the last number is remembered. A relay has a few; those that were replaced make room. */
const MAX_PROCESSES = 256;

/** What a message of another process tells this one, the loss of messages before it included. */
export function createInbox(ownProcessId: string): (message: string) => RelayEvent[] {
  const lastNumbers = new Map<string, number>();

  return (text) => {
    const message = parseMessage(text);
    if (!message || message.processId === ownProcessId) return [];
    const { processId, number, events } = message;
    const last = lastNumbers.get(processId);
    remember(processId, number);
    const isMissingSome = last !== undefined && number !== last + 1;
    return isMissingSome && events[0]?.kind !== "gap" ? [{ kind: "gap" }, ...events] : events;
  };

  function remember(processId: string, number: number): void {
    lastNumbers.delete(processId);
    lastNumbers.set(processId, number);
    if (lastNumbers.size <= MAX_PROCESSES) return;
    const [oldest] = lastNumbers.keys();
    if (oldest !== undefined) lastNumbers.delete(oldest);
  }
}
