import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
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
  /** Shared with other sockets: never changed. */
  payload: Buffer;
}

/** Missed entries are joined up to this size before they are written, and wait for the network above it. */
const JOIN_BYTES = 32_768;
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

  /** Writes `head`, `payload` and a closing brace as one message at the end of this tick. */
  push(head: Buffer, payload: Buffer): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    if (this.#messages.push({ head, payload }) === 1) {
      this.#tick.note(this);
      if (this.#connection.writableLength === 0) this.#unsent = 0;
    }
    this.#bytes += head.length + payload.length;
    this.#unsent += 1;
    const { maxUnsentEntries, maxUnsentBytes } = this.#limits;
    const isBehind = this.#connection.writableLength > 0;
    if (isBehind && (this.#unsent > maxUnsentEntries || this.#connection.writableLength + this.#bytes > maxUnsentBytes)) this.#onSlow();
  }

  /** Forgets what an operation wanted to say, since nobody listens any more. */
  drop(head: Buffer): void {
    this.#messages = this.#messages.filter((message) => message.head !== head);
  }

  /** Writes at once what waits for the end of the tick. */
  flush(): void {
    const messages = this.#messages;
    if (messages.length === 0) return;
    this.#messages = [];
    this.#bytes = 0;
    if (this.#socket.readyState === this.#socket.OPEN) this.#connection.write(joinFrames(messages));
  }

  /** Resolves when there is room for more of what was missed; undefined when there is room now. */
  room(): Promise<void> | undefined {
    if (this.#bytes < JOIN_BYTES) return undefined;
    this.flush();
    return this.#connection.writableNeedDrain ? drained(this.#connection) : undefined;
  }
}

function joinFrames(messages: Message[]): Buffer {
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
