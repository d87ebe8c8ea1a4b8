import { WebSocket as NodeWebSocket } from "ws";

/** Everything that went over HTTP and WebSocket, in both directions, as the relay sees it behind TLS. */
export interface WireTap {
  fetch: typeof fetch;
  webSocket: typeof WebSocket;
  /** All bytes so far. */
  captured(): Buffer;
  /** The newest frame that the relay sent to a client and that holds this text. */
  findFrame(text: string): string | undefined;
}

export function createWireTap(): WireTap {
  const chunks: string[] = [];
  const frames: string[] = [];

  class TappedWebSocket extends NodeWebSocket {
    constructor(...args: ConstructorParameters<typeof NodeWebSocket>) {
      super(...args);
      this.on("message", (data: Buffer) => {
        chunks.push(data.toString());
        frames.push(data.toString());
      });
    }

    override send(data: string, ...rest: []): void {
      chunks.push(String(data));
      super.send(data, ...rest);
    }
  }

  return {
    async fetch(input, init) {
      const request = new Request(input, init);
      chunks.push(request.url, JSON.stringify([...request.headers]), await request.clone().text());
      const response = await fetch(request);
      chunks.push(await response.clone().text());
      return response;
    },
    webSocket: TappedWebSocket as unknown as typeof WebSocket,
    captured: () => Buffer.from(chunks.join("\n")),
    findFrame: (text) => frames.findLast((frame) => frame.includes(text)),
  };
}
