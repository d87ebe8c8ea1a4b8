import { randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";
import { encodeFrame, Opcode, parseFrame } from "./frames.ts";

export interface Target {
  host: string;
  port: number;
  path: string;
  query: string;
  variables: Record<string, unknown>;
}

/** Hears what comes. `bytes` is reused: whoever keeps any of it copies it. */
export interface Listener {
  onNext(bytes: Buffer, start: number, end: number): void;
  onEnd(reason: string): void;
}

const READ_BYTES = 256 * 1024;
/** Sockets are read one after the other, so that one place to read to is enough for all. */
const shared = Buffer.allocUnsafeSlow(READ_BYTES);
const END_OF_HEADERS = Buffer.from("\r\n\r\n");
const NEXT = Buffer.from('"type":"next"');
const ACK = Buffer.from('"type":"connection_ack"');
const PING = Buffer.from('"type":"ping"');
/** The type of a message stands before its payload. */
const TYPE_WITHIN_BYTES = 64;

/** A subscriber by graphql-transport-ws that reads frames and parses none of what is in them. */
export class Connection {
  readonly #socket: Socket;
  readonly #target: Target;
  readonly #token: string | undefined;
  readonly #listener: Listener;
  #isUpgraded = false;
  #isOver = false;
  /** What came of a frame whose rest is under way. */
  #rest: Buffer | undefined;

  constructor(target: Target, token: string | undefined, listener: Listener) {
    this.#target = target;
    this.#token = token;
    this.#listener = listener;
    this.#socket = connect({
      host: target.host,
      port: target.port,
      noDelay: true,
      onread: { buffer: shared, callback: (length) => this.#read(length) },
    });
    this.#socket.once("connect", () => this.#upgrade());
    this.#socket.on("error", (error) => this.#end(error.message));
    this.#socket.once("close", () => this.#end("closed by the server"));
  }

  close(): void {
    this.#isOver = true;
    this.#socket.destroy();
  }

  /** Stops reading, as a client that hangs. */
  pause(): void {
    this.#socket.pause();
  }

  #upgrade(): void {
    const { path, host, port } = this.#target;
    const key = randomBytes(16).toString("base64");
    const lines = [`GET ${path} HTTP/1.1`, `Host: ${host}:${port}`, "Upgrade: websocket", "Connection: Upgrade", `Sec-WebSocket-Key: ${key}`];
    this.#socket.write([...lines, "Sec-WebSocket-Version: 13", "Sec-WebSocket-Protocol: graphql-transport-ws", "", ""].join("\r\n"));
  }

  #read(length: number): boolean {
    const bytes = this.#rest ? Buffer.concat([this.#rest, shared.subarray(0, length)]) : shared;
    const end = this.#rest ? bytes.length : length;
    this.#rest = undefined;
    const done = this.#isUpgraded ? this.#readFrames(bytes, 0, end) : this.#readAnswer(bytes, end);
    if (done < end) this.#rest = Buffer.from(bytes.subarray(done, end));
    return true;
  }

  #readAnswer(bytes: Buffer, end: number): number {
    const at = bytes.subarray(0, end).indexOf(END_OF_HEADERS);
    if (at < 0) return 0;
    const status = bytes.toString("latin1", 0, Math.min(at, 40)).split("\r\n")[0] ?? "";
    if (!status.includes(" 101 ")) {
      this.#end(`no upgrade: ${status}`);
      return end;
    }
    this.#isUpgraded = true;
    this.#send({ type: "connection_init", payload: this.#token === undefined ? {} : { accessToken: this.#token } });
    return this.#readFrames(bytes, at + END_OF_HEADERS.length, end);
  }

  #readFrames(bytes: Buffer, from: number, end: number): number {
    let offset = from;
    for (let frame = parseFrame(bytes, offset, end); frame; frame = parseFrame(bytes, offset, end)) {
      this.#take(bytes, frame);
      offset = frame.end;
    }
    return offset;
  }

  #take(bytes: Buffer, { opcode, start, end }: { opcode: number; start: number; end: number }): void {
    if (opcode === Opcode.PING) this.#socket.write(encodeFrame(Opcode.PONG, Buffer.from(bytes.subarray(start, end))));
    if (opcode === Opcode.CLOSE) this.#end(`close ${end - start >= 2 ? bytes.readUInt16BE(start) : ""} ${bytes.toString("utf8", start + 2, end)}`);
    if (opcode !== Opcode.TEXT) return;
    if (has(bytes, NEXT, start, end)) this.#listener.onNext(bytes, start, end);
    else if (has(bytes, ACK, start, end)) this.#send({ id: "1", type: "subscribe", payload: { query: this.#target.query, variables: this.#target.variables } });
    else if (has(bytes, PING, start, end)) this.#send({ type: "pong" });
    else this.#end(`unexpected: ${bytes.toString("utf8", start, Math.min(end, start + 300))}`);
  }

  #send(message: unknown): void {
    this.#socket.write(encodeFrame(Opcode.TEXT, Buffer.from(JSON.stringify(message))));
  }

  #end(reason: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#listener.onEnd(reason);
    this.#socket.destroy();
  }
}

function has(bytes: Buffer, word: Buffer, start: number, end: number): boolean {
  const at = bytes.indexOf(word, start);
  return at >= 0 && at < Math.min(end, start + TYPE_WITHIN_BYTES);
}
