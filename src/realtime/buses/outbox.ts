import type { RelayEvent } from "../../domain/ports/index.ts";
import { encodeEvent, encodeMessage, GAP, MAX_MESSAGE_BYTES } from "./bus-codec.ts";

/** Events that wait for a connection. Some minutes of a busy relay, in less than a megabyte. */
const MAX_WAITING = 10_000;
const MAX_MESSAGES_AT_ONCE = 64;
/** What stands before the events of a message, at its longest. */
const HEADER_BYTES = 48;

/** What this process has to tell the others, in order and bounded. What is lost becomes the news that something is. */
export interface Outbox {
  readonly isEmpty: boolean;
  add(event: RelayEvent): void;
  /** The next messages, as few as possible. Whoever takes them and fails to send them says so. */
  take(): string[];
  noteLoss(): void;
}

export function createOutbox(processId: string): Outbox {
  let waiting: string[] = [];
  let number = 0;

  return {
    get isEmpty() {
      return waiting.length === 0;
    },
    add(event) {
      waiting.push(...encodeEvent(event));
      if (waiting.length > MAX_WAITING) waiting = [GAP];
    },
    take() {
      const messages: string[] = [];
      let taken = 0;
      while (taken < waiting.length && messages.length < MAX_MESSAGES_AT_ONCE) {
        const count = countThatFit(waiting, taken);
        number += 1;
        messages.push(encodeMessage(processId, number, waiting.slice(taken, taken + count)));
        taken += count;
      }
      waiting = waiting.slice(taken);
      return messages;
    },
    noteLoss() {
      if (waiting[0] !== GAP) waiting.unshift(GAP);
    },
  };
}

function countThatFit(events: readonly string[], start: number): number {
  let bytes = HEADER_BYTES;
  let end = start;
  for (; end < events.length; end += 1) {
    bytes += (events[end]?.length ?? 0) + 1;
    if (bytes > MAX_MESSAGE_BYTES) break;
  }
  return end - start;
}
