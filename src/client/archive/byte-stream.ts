import { demand } from "../../protocol/index.ts";

/** Takes exact lengths out of parts of any size; holds no more than one part beyond what was asked for. */
export class ByteStream {
  readonly #parts: AsyncIterator<Uint8Array>;
  #part = new Uint8Array();

  constructor(parts: AsyncIterable<Uint8Array>) {
    this.#parts = parts[Symbol.asyncIterator]();
  }

  /** A copy of the next bytes. Throws ProtocolError bad-length when fewer are left. */
  async take(length: number): Promise<Uint8Array<ArrayBuffer>> {
    const taken = new Uint8Array(length);
    for (let filled = 0; filled < length; ) {
      demand(!(await this.isAtEnd()), "bad-length");
      const some = this.#part.subarray(0, length - filled);
      taken.set(some, filled);
      filled += some.length;
      this.#part = this.#part.subarray(some.length);
    }
    return taken;
  }

  async isAtEnd(): Promise<boolean> {
    while (this.#part.length === 0) {
      const next = await this.#parts.next();
      if (next.done === true) return true;
      this.#part = new Uint8Array(next.value);
    }
    return false;
  }

  async close(): Promise<void> {
    await this.#parts.return?.();
  }
}
