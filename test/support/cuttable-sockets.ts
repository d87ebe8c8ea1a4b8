import { WebSocket as NodeWebSocket } from "ws";

/** A class of sockets that a test can cut, as a bad network does. */
export interface CuttableSockets {
  webSocket: typeof WebSocket;
  /** How many were made. */
  readonly count: number;
  /** Cuts all that are open, and says how many. */
  cut(): number;
}

export function createCuttableSockets(): CuttableSockets {
  const open = new Set<NodeWebSocket>();
  let count = 0;
  class CuttableWebSocket extends NodeWebSocket {
    constructor(...args: ConstructorParameters<typeof NodeWebSocket>) {
      super(...args);
      count += 1;
      this.on("open", () => open.add(this));
      this.on("close", () => open.delete(this));
    }
  }
  return {
    webSocket: CuttableWebSocket as unknown as typeof WebSocket,
    get count() {
      return count;
    },
    cut() {
      const { size } = open;
      for (const socket of open) socket.terminate();
      return size;
    },
  };
}
