import { WebSocket, type MessageEvent } from "ws";

/** A WebSocket class whose messages from the relay pass through a hand that may change them. */
export function createLyingSocket(): { webSocket: typeof globalThis.WebSocket; lie(change: (message: string) => string): void } {
  let hand = (message: string): string => message;
  class LyingSocket extends WebSocket {
    constructor(address: string, protocols?: string | string[]) {
      super(address, protocols);
      // What a client listens with is put behind the hand.
      const listen = this.addEventListener.bind(this);
      Object.defineProperty(this, "onmessage", {
        set: (listener: (event: Pick<MessageEvent, "data">) => void) =>
          listen("message", ({ data }) => listener({ data: typeof data === "string" ? hand(data) : data })),
      });
    }
  }
  return {
    webSocket: LyingSocket as unknown as typeof globalThis.WebSocket,
    lie: (change) => void (hand = change),
  };
}
