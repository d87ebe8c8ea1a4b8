import type { FormattedExecutionResult, GraphQLFormattedError } from "graphql";
import type { SubscribePayload } from "graphql-ws";
import type { WebSocket } from "ws";
import type { StreamControl } from "../../domain/ports/index.ts";
import type { Viewer } from "../../domain/viewer.ts";
import { CLOSE_CODES } from "./close-codes.ts";
import type { ConversationHandlers, ConversationSocket, Outcome } from "./conversation.ts";
import type { Operations, OperationSocket } from "./operations.ts";
import type { SocketRegistry } from "./socket-registry.ts";
import type { SocketWriter } from "./socket-writer.ts";

/** What all sockets share. */
export interface SocketHouse {
  operations: Operations;
  registry: SocketRegistry<WebSocket>;
  limits: { connectionInitMs: number; maxOperationsPerSocket: number; maxSocketsPerUser: number; maxUnsentBytes: number };
  /** Who an access token stands for, if the session is open when the answer comes. */
  authenticate(accessToken: string): Promise<Viewer | undefined>;
  onSlow(socket: WebSocket): void;
  /** Tells the log of an error. */
  formatError(error: unknown): GraphQLFormattedError;
}

/** A connected client. Thousands of them wait: what they do they share, each holds only what is its own. */
export class ClientSocket implements OperationSocket, ConversationSocket, ConversationHandlers, StreamControl {
  readonly writer: SocketWriter;
  readonly address: string;
  readonly #socket: WebSocket;
  readonly #house: SocketHouse;
  #viewer: Viewer | undefined;

  constructor(parts: { socket: WebSocket; writer: SocketWriter; address: string; house: SocketHouse }) {
    this.#socket = parts.socket;
    this.writer = parts.writer;
    this.address = parts.address;
    this.#house = parts.house;
  }

  get viewer(): Viewer | undefined {
    return this.#viewer;
  }

  get stream(): StreamControl {
    return this;
  }

  get isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  get connectionInitMs(): number {
    return this.#house.limits.connectionInitMs;
  }

  get maxOperations(): number {
    return this.#house.limits.maxOperationsPerSocket;
  }

  /** Resolves when the network took it, so that a stream is read no faster than its client reads. */
  send(text: string): Promise<void> {
    this.writer.flush();
    if (this.#socket.bufferedAmount > this.#house.limits.maxUnsentBytes) this.onOverflow();
    if (!this.isOpen) return Promise.resolve();
    return new Promise((resolve) => this.#socket.send(text, () => resolve()));
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  onOverflow(): void {
    this.#house.onSlow(this.#socket);
  }

  failStream(error: unknown): void {
    this.#house.formatError(error);
    this.close(CLOSE_CODES.TRY_AGAIN_LATER, "The relay cannot read what was missed at the moment: connect again and resume by positions.");
  }

  refuseMoreOperations(): void {
    this.close(CLOSE_CODES.TOO_MANY_SUBSCRIPTIONS, `At most ${this.maxOperations} operations at once on a socket.`);
  }

  async signIn(payload: Record<string, unknown> | undefined): Promise<boolean> {
    const accessToken = payload?.["accessToken"];
    if (typeof accessToken !== "string") return false;
    const { authenticate, registry, limits, formatError } = this.#house;
    try {
      const viewer = await authenticate(accessToken);
      if (!viewer) return false;
      if (registry.signIn(this.#socket, viewer)) this.#viewer = viewer;
      else this.close(CLOSE_CODES.TOO_MANY_SOCKETS, `At most ${limits.maxSocketsPerUser} sockets of one user.`);
    } catch (error) {
      formatError(error);
      this.close(CLOSE_CODES.TRY_AGAIN_LATER, "The relay cannot check the access token at the moment.");
    }
    return true;
  }

  begin(id: string, request: SubscribePayload, send: (result: FormattedExecutionResult) => Promise<void>): Promise<Outcome> {
    return this.#house.operations.begin(this, id, request, send);
  }

  explain(error: unknown): readonly GraphQLFormattedError[] {
    return this.#house.operations.explain(error);
  }
}
