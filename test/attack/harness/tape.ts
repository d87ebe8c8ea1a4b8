import type { Place } from "../../support/canaries.ts";

/** All that went over HTTP and WebSocket, as it was written. */
export class Tape {
  readonly #sent: string[] = [];
  readonly #received: string[] = [];
  #rewoundTo = 0;

  /** Bytes that left a client. */
  send(text: string): void {
    this.#sent.push(text);
  }

  /** Bytes that the relay answered or delivered. */
  receive(text: string): void {
    this.#received.push(text);
  }

  /** What was sent since the last call. */
  takeSent(): Buffer {
    const sent = this.#sent.slice(this.#rewoundTo);
    this.#rewoundTo = this.#sent.length;
    return Buffer.from(sent.join("\n"));
  }

  /** Everything, from the beginning. */
  places(): Place[] {
    return [
      { place: "what clients sent", bytes: Buffer.from(this.#sent.join("\n")) },
      { place: "what the relay sent", bytes: Buffer.from(this.#received.join("\n")) },
    ];
  }
}
