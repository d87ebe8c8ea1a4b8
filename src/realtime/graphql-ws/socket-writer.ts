import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import type { Answer } from "./shared-executions.ts";
import type { WriteTick } from "./write-tick.ts";

export interface SocketWriterLimits {
  /** Messages that wait for the network, before a client counts as too slow. */
  maxUnsentEntries: number;
  /** The same in bytes. */
  maxUnsentBytes: number;
}

interface Message {
  /** Of the operation: `{"id":…,"type":"next","payload":` */
  head: Buffer;
  /** Shared with other sockets. */
  answer: Answer;
}

interface ReadyMessage {
  head: Buffer;
  payload: Buffer;
}

/** Missed entries are joined up to this size before they are written, and wait for the network above it. */
const JOIN_BYTES = 32_768;
const JOIN_MESSAGES = 32;
/** FIN and opcode 1, text (RFC 6455 §5.2). */
const TEXT_FRAME = 0x81;
const CLOSING_BRACE = 0x7d;

/**
 * Writes messages of one tick to a WebSocket as frames of its own making, joined into one write; `ws` writes everything
 * else. The frames are whole and unmasked, as a server's are (RFC 6455 §5.1, §5.2), and without compression.
 */
export class SocketWriter {
  readonly #socket: WebSocket;
  readonly #connection: Duplex;
  readonly #tick: WriteTick;
  readonly #limits: SocketWriterLimits;
  readonly #onSlow: () => void;
  #messages: Message[] = [];
  #bytes = 0;
  /** Since the network last took everything. */
  #unsent = 0;

  constructor(parts: { socket: WebSocket; connection: Duplex; tick: WriteTick; limits: SocketWriterLimits; onSlow: () => void }) {
    this.#socket = parts.socket;
    this.#connection = parts.connection;
    this.#tick = parts.tick;
    this.#limits = parts.limits;
    this.#onSlow = parts.onSlow;
  }

  /**
   * Writes `head`, the answer and a closing brace as one message at the end of this tick, or of the one in which the answer
   * is ready. Messages are written in the order in which they were pushed.
   */
  push(head: Buffer, answer: Answer): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    if (this.#messages.push({ head, answer }) === 1) {
      this.#tick.note(this);
      if (this.#connection.writableLength === 0) this.#unsent = 0;
    }
    this.#bytes += head.length + (answer.payload?.length ?? 0);
    this.#unsent += 1;
    if (this.#isBehind && this.#isOverfull) this.#onSlow();
  }

  /** Forgets what an operation wanted to say, since nobody listens any more. */
  drop(head: Buffer): void {
    this.#messages = this.#messages.filter((message) => message.head !== head);
  }

  /** Writes at once what waits for the end of the tick, up to the first answer that is not ready. */
  flush(): void {
    const ready: ReadyMessage[] = [];
    for (const { head, answer: { payload } } of this.#messages) {
      if (!payload) break;
      ready.push({ head, payload });
    }
    const [waiting] = (this.#messages = this.#messages.slice(ready.length));
    this.#bytes = 0;
    if (ready.length > 0 && this.#socket.readyState === this.#socket.OPEN) this.#connection.write(joinFrames(ready));
    void waiting?.answer.ready.then(() => this.#tick.note(this));
  }

  /** Resolves when there is room for more of what was missed; undefined when there is room now. */
  room(): Promise<void> | undefined {
    if (this.#bytes < JOIN_BYTES && this.#messages.length < JOIN_MESSAGES) return undefined;
    return this.settle();
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

  /** Whether anything waits for the network or for its answer, from an earlier tick. */
  get #isBehind(): boolean {
    return this.#connection.writableLength > 0 || (this.#messages[0] !== undefined && !this.#messages[0].answer.payload);
  }

  get #isOverfull(): boolean {
    const { maxUnsentEntries, maxUnsentBytes } = this.#limits;
    return this.#unsent > maxUnsentEntries || this.#connection.writableLength + this.#bytes > maxUnsentBytes;
  }
}

function joinFrames(messages: ReadyMessage[]): Buffer {
  let total = 0;
  for (const { head, payload } of messages) {
    const length = head.length + payload.length + 1;
    total += headerLength(length) + length;
  }
  const joined = Buffer.allocUnsafe(total);
  let at = 0;
  for (const { head, payload } of messages) {
    at = writeHeader(joined, at, head.length + payload.length + 1);
    joined.set(head, at);
    joined.set(payload, at + head.length);
    at += head.length + payload.length;
    joined[at++] = CLOSING_BRACE;
  }
  return joined;
}

function headerLength(length: number): number {
  if (length < 126) return 2;
  return length < 65_536 ? 4 : 10;
}

function writeHeader(frame: Buffer, at: number, length: number): number {
  frame[at] = TEXT_FRAME;
  if (length < 126) return frame.writeUInt8(length, at + 1);
  if (length < 65_536) {
    frame[at + 1] = 126;
    return frame.writeUInt16BE(length, at + 2);
  }
  frame[at + 1] = 127;
  return frame.writeBigUInt64BE(BigInt(length), at + 2);
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
