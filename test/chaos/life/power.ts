import { WebSocket as NodeWebSocket } from "ws";
import type { DeviceStore, InFlight } from "../../../src/client/index.ts";

/** The moment at which a device dies: before a request leaves, once it left, once it was answered, or at a write to its store. */
export const moments = ["unsent", "unanswered", "answered", "unwritten"] as const;
export type Moment = (typeof moments)[number];

/** What a device keeps when its power goes. */
export class Disk {
  inFlight: InFlight | undefined;
}

export type Json = Record<string, unknown>;

/** A hand between a device and its relay. */
export interface Wire {
  /** Which requests pass it, and the answers to them. */
  hears?: RegExp;
  /** Sees what leaves. */
  onRequest?(variables: Json): void;
  /** May change in place what the relay answered to these variables. */
  onAnswer?(data: Json, variables: Json): void;
  /** What becomes of one delivery of a stream; undefined drops it. */
  onDelivery?(data: Json): Json | undefined;
}

/**
 * What one run of a client has of the world: network and store, which work until the power goes. Whatever the client does
 * after that reaches nobody.
 */
export class Power {
  readonly fetch: typeof fetch;
  readonly webSocket: typeof WebSocket;
  readonly device: DeviceStore;
  readonly #sockets = new Set<NodeWebSocket>();
  #isOn = true;
  #isOnline = true;
  #lagMs = 0;
  #death: { moment: Moment; countdown: number } | undefined;

  constructor(disk: Disk, wire: Wire = {}) {
    this.fetch = (input, init) => this.#fetch(wire, input, init);
    this.webSocket = this.#socketClass(wire);
    this.device = {
      read: async () => disk.inFlight,
      write: async (inFlight) => {
        if (this.#dies("unwritten") || !this.#isOn) throw new Error("the power is gone");
        Object.assign(disk, { inFlight });
      },
    };
  }

  get isOn(): boolean {
    return this.#isOn;
  }

  get isOnline(): boolean {
    return this.#isOnline;
  }

  /** The power goes at the next moment of this kind, after some that pass. */
  dieAt(moment: Moment, countdown: number): void {
    this.#death = { moment, countdown };
  }

  /** The power stays. */
  disarm(): void {
    this.#death = undefined;
  }

  die(): void {
    this.#isOn = false;
    this.#cut();
  }

  goOffline(): void {
    this.#isOnline = false;
    this.#cut();
  }

  goOnline(): void {
    this.#isOnline = true;
  }

  /** From now on whatever streams deliver comes late. */
  lag(ms: number): void {
    this.#lagMs = ms;
  }

  async #fetch(wire: Wire, input: Parameters<typeof fetch>[0], init: RequestInit = {}): Promise<Response> {
    if (this.#dies("unsent") || !this.#isOn) return nothing();
    if (!this.#isOnline) throw new TypeError("offline");
    const body = init.body as string;
    const isHeard = wire.hears?.test(body) ?? false;
    const { variables = {} } = isHeard ? (JSON.parse(body) as { variables?: Json }) : {};
    if (isHeard) wire.onRequest?.(variables);
    // A request that left is on its way, whatever becomes of its sender.
    const answer = fetch(input, { ...init, signal: null });
    if (this.#dies("unanswered")) {
      answer.catch(() => undefined);
      return nothing();
    }
    const response = await answer;
    if (this.#dies("answered") || !this.#isOn) return nothing();
    if (!this.#isOnline) throw new TypeError("offline");
    if (!isHeard || wire.onAnswer === undefined) return response;
    const told = (await response.json()) as { data?: Json };
    if (told.data) wire.onAnswer(told.data, variables);
    return Response.json(told, { status: response.status });
  }

  #socketClass(wire: Wire): typeof WebSocket {
    const isReachable = (): boolean => this.#isOn && this.#isOnline;
    const sockets = this.#sockets;
    const lagMs = (): number => this.#lagMs;
    class MortalWebSocket extends NodeWebSocket {
      /** Messages that are on their way to the client. */
      #late: Promise<unknown> = Promise.resolve();
      #lateCount = 0;

      constructor(...args: ConstructorParameters<typeof NodeWebSocket>) {
        super(...args);
        this.on("close", () => sockets.delete(this));
        if (isReachable()) sockets.add(this);
        else this.terminate();
      }

      override emit(event: string | symbol, ...args: unknown[]): boolean {
        if (event !== "message" || (lagMs() === 0 && this.#lateCount === 0)) return this.#tell(event, ...args);
        this.#lateCount += 1;
        this.#late = Promise.all([this.#late, wait(lagMs())]).then(() => {
          this.#lateCount -= 1;
          if (this.readyState === NodeWebSocket.OPEN) this.#tell(event, ...args);
        });
        return true;
      }

      #tell(event: string | symbol, ...args: unknown[]): boolean {
        if (event !== "message" || wire.onDelivery === undefined) return super.emit(event, ...args);
        const frame = JSON.parse(String(args[0])) as { type: string; payload?: { data?: Json } };
        if (frame.type !== "next" || !frame.payload?.data) return super.emit(event, ...args);
        const data = wire.onDelivery(frame.payload.data);
        return data !== undefined && super.emit(event, Buffer.from(JSON.stringify({ ...frame, payload: { data } })), false);
      }
    }
    return MortalWebSocket as unknown as typeof WebSocket;
  }

  #cut(): void {
    for (const socket of this.#sockets) socket.terminate();
  }

  #dies(moment: Moment): boolean {
    const death = this.#death;
    if (!this.#isOn || death?.moment !== moment) return false;
    death.countdown -= 1;
    if (death.countdown >= 0) return false;
    this.die();
    return true;
  }
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

// Whoever runs on without power is told at once that nothing works, so that it comes to its end.
function nothing(): Response {
  return Response.json({ errors: [{ message: "the power is gone", extensions: { code: "INTERNAL" } }] });
}
