import type { Answer } from "./shared-executions.ts";

/** A message, which ends with a closing brace. Its answer may not be ready yet. */
export interface Message {
  /** Of the operation: `{"id":…,"type":"next","payload":` */
  head: Buffer;
  /** Shared with other sockets. */
  answer: Answer;
}

/** A tick's messages to one socket are seldom longer. */
const SCRATCH_BYTES = 16_384;
/** FIN and opcode 1, text (RFC 6455 §5.2). */
const TEXT_FRAME = 0x81;
const CLOSING_BRACE = 0x7d;

/**
 * Joins messages into one buffer of frames: many small writes cost more than the copies. The frames are whole and unmasked,
 * as a server's are (RFC 6455 §5.1, §5.2), and without compression. What fits is joined in one scratch buffer that serves all
 * sockets in turn, since memory for each of thousands would be collected again at once.
 */
export class FrameJoiner {
  #scratch = Buffer.allocUnsafeSlow(SCRATCH_BYTES);
  #used = this.#scratch.subarray(0, 0);

  /** The frames of messages whose answers are ready. They hold until the next call; whoever needs them longer calls `keep`. */
  join(messages: readonly Message[]): Buffer {
    let total = 0;
    for (const message of messages) total += headerLength(lengthOf(message)) + lengthOf(message);
    const frames = this.#take(total);
    let at = 0;
    for (const { head, answer } of messages) at = writeFrame(frames, at, head, answer.payload as Buffer);
    return frames;
  }

  /** The same of a single message. */
  frame(head: Buffer, payload: Buffer): Buffer {
    const length = head.length + payload.length + 1;
    const frame = this.#take(headerLength(length) + length);
    writeFrame(frame, 0, head, payload);
    return frame;
  }

  /** Leaves the last frames to those who still need them. */
  keep(): void {
    this.#scratch = Buffer.allocUnsafeSlow(SCRATCH_BYTES);
    this.#used = this.#scratch.subarray(0, 0);
  }

  #take(bytes: number): Buffer {
    if (bytes > SCRATCH_BYTES) return Buffer.allocUnsafe(bytes);
    // The same answer goes to many sockets, and a view of it costs as much as the copy.
    if (this.#used.length !== bytes) this.#used = this.#scratch.subarray(0, bytes);
    return this.#used;
  }
}

function lengthOf({ head, answer }: Message): number {
  return head.length + (answer.payload as Buffer).length + 1;
}

/** Returns where the next one begins. */
function writeFrame(frames: Buffer, start: number, head: Buffer, payload: Buffer): number {
  const at = writeHeader(frames, start, head.length + payload.length + 1);
  frames.set(head, at);
  frames.set(payload, at + head.length);
  frames[at + head.length + payload.length] = CLOSING_BRACE;
  return at + head.length + payload.length + 1;
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
