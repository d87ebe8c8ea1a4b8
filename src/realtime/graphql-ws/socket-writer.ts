import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import type { FrameJoiner, Message } from "./frame-joiner.ts";
import type { Answer } from "./shared-executions.ts";
import type { Tick } from "../tick.ts";

export interface SocketWriterLimits {
  /** Messages that wait for the network, before a client counts as too slow. */
  maxUnsentEntries: number;
  /** The same in bytes. */
  maxUnsentBytes: number;
}

/** Missed entries are joined up to this size before they are written, and wait for the network above it. */
const JOIN_BYTES = 32_768;

/** Writes messages of one tick to a WebSocket as frames of its own making, joined into one write; `ws` writes everything else. */
export class SocketWriter {
  readonly #socket: WebSocket;
  readonly #connection: Duplex;
  readonly #tick: Tick;
  readonly #frames: FrameJoiner;
  readonly #limits: SocketWriterLimits;
  readonly #onSlow: () => void;
  #messages: Message[] = [];
  /** Of the messages whose answers are ready. */
  #bytes = 0;
  /** Messages since the network last took everything. */
  #unsent = 0;

  constructor(parts: { socket: WebSocket; connection: Duplex; tick: Tick; frames: FrameJoiner; limits: SocketWriterLimits; onSlow: () => void }) {
    this.#socket = parts.socket;
    this.#connection = parts.connection;
    this.#tick = parts.tick;
    this.#frames = parts.frames;
    this.#limits = parts.limits;
    this.#onSlow = parts.onSlow;
  }

  /**
   * Writes `head`, the answer and a closing brace as one message at the end of this tick, or of the one in which the answer
   * is ready. Messages are written in the order in which they were pushed.
   */
  push(head: Buffer, answer: Answer): void {
    // Most often one entry comes at a time, and nothing waits.
    if (this.#messages.length === 0 && answer.payload && this.#tick.hasOneTask) return this.#write(1, this.#frames.frame(head, answer.payload));
    if (this.#messages.push({ head, answer }) === 1) this.#tick.note(this);
    if (answer.payload) this.#bytes += head.length + answer.payload.length;
  }

  /** Forgets what an operation wanted to say, since nobody listens any more. */
  drop(head: Buffer): void {
    this.#messages = this.#messages.filter((message) => message.head !== head);
  }

  /** Writes at once what waits for the end of the tick, up to the first answer that is not ready. */
  flush(): void {
    const messages = this.#messages;
    const count = countReady(messages);
    if (count > 0) this.#write(count, this.#frames.join(count === messages.length ? messages : messages.slice(0, count)));
    if (count === messages.length) messages.length = 0;
    else messages.splice(0, count);
    this.#bytes = 0;
    const [waiting] = messages;
    if (waiting === undefined) return;
    void waiting.answer.ready.then(() => this.#tick.note(this));
    if (messages.length > this.#limits.maxUnsentEntries) this.#onSlow();
  }

  /** Resolves when there is room for more of what was missed; undefined when there is room now. */
  room(): Promise<void> | undefined {
    // How long an answer is shows when it is ready.
    const isReady = this.#messages.at(-1)?.answer.payload !== undefined || this.#messages.length === 0;
    const isJoining = isReady && this.#bytes < JOIN_BYTES && !this.#connection.writableNeedDrain;
    return isJoining ? undefined : this.settle();
  }

  /** Resolves when all is written that was pushed, and the network asks for more. */
  async settle(): Promise<void> {
    this.flush();
    for (let [message] = this.#messages; message; [message] = this.#messages) {
      await message.answer.ready;
      this.flush();
    }
    if (this.#connection.writableNeedDrain) await drained(this.#connection);
  }

  #write(count: number, frames: Buffer): void {
    const connection = this.#connection;
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    if (connection.writableLength === 0) this.#unsent = 0;
    connection.write(frames);
    const unsentBytes = connection.writableLength;
    if (unsentBytes === 0) return;
    this.#frames.keep();
    this.#unsent += count;
    if (this.#unsent > this.#limits.maxUnsentEntries || unsentBytes > this.#limits.maxUnsentBytes) this.#onSlow();
  }
}

function countReady(messages: Message[]): number {
  let count = 0;
  while (messages[count]?.answer.payload) count += 1;
  return count;
}

/** A connection that closes has room too: nothing is written to it any more. */
function drained(connection: Duplex): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      connection.off("drain", end);
      connection.off("close", end);
      resolve();
    };
    connection.on("drain", end);
    connection.on("close", end);
  });
}
