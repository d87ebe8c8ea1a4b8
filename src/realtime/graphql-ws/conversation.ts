import type { FormattedExecutionResult, GraphQLFormattedError } from "graphql";
import { CloseCode, MessageType, parseMessage, type Message, type SubscribeMessage, type SubscribePayload } from "graphql-ws";
import { CLOSE_CODES } from "./close-codes.ts";

/** The socket that a conversation goes over. */
export interface ConversationSocket {
  readonly isOpen: boolean;
  /** Resolves when the network took it. */
  send(text: string): Promise<void>;
  close(code: number, reason: string): void;
}

/** What runs under an id of the client's. */
export interface Running {
  /** What it delivers is sent; it resolves when the relay has no more. Rejects when it broke. */
  over: Promise<void>;
  /** The client wants no more. */
  end(): void;
}

export type Outcome = FormattedExecutionResult | Running | readonly GraphQLFormattedError[];

/** What a client may say besides the protocol's own business. */
export interface ConversationHandlers {
  connectionInitMs: number;
  maxOperations: number;
  /** Takes the payload of connection_init; false refuses the socket. */
  signIn(payload: Record<string, unknown> | undefined): Promise<boolean>;
  refuseMoreOperations(): void;
  /** Answers at once, or begins to deliver by `send`; errors alone mean that nothing was executed. */
  begin(id: string, request: SubscribePayload, send: (result: FormattedExecutionResult) => Promise<void>): Promise<Outcome>;
  /** What a client is told of a subscription that broke. */
  explain(error: unknown): readonly GraphQLFormattedError[];
}

/**
 * The relay's side of graphql-transport-ws on one socket. An operation is told by what it is and not by its id, so that a
 * client may use an id again as soon as it completed what had it.
 * https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
 */
export class Conversation {
  readonly #socket: ConversationSocket;
  readonly #handlers: ConversationHandlers;
  readonly #operations = new Map<string, { running?: Running }>();
  #waiting: NodeJS.Timeout | undefined;
  #isAcknowledged = false;

  constructor(socket: ConversationSocket, handlers: ConversationHandlers) {
    this.#socket = socket;
    this.#handlers = handlers;
    this.#waiting = setTimeout(() => socket.close(CloseCode.ConnectionInitialisationTimeout, "Connection initialisation timeout"), handlers.connectionInitMs);
  }

  /** Takes a message of the client's. Rejects when what the client asked for broke in a way that no answer tells. */
  async hear(text: string): Promise<void> {
    // A closed session's client may go on talking until it agrees to close.
    if (!this.#socket.isOpen) return;
    const message = read(text);
    switch (message?.type) {
      case MessageType.ConnectionInit:
        return this.#init(message.payload);
      case MessageType.Ping:
        return this.#send({ type: MessageType.Pong, payload: message.payload ?? undefined });
      case MessageType.Pong:
        return;
      case MessageType.Subscribe:
        return this.#subscribe(message);
      case MessageType.Complete:
        return this.#forget(message.id)?.end();
      default:
        this.#socket.close(CLOSE_CODES.MALFORMED, "This is no message of graphql-transport-ws that a client sends.");
    }
  }

  /** The socket is gone. */
  end(): void {
    clearTimeout(this.#waiting);
    for (const id of [...this.#operations.keys()]) this.#forget(id)?.end();
  }

  async #init(payload: Record<string, unknown> | undefined): Promise<void> {
    if (this.#waiting === undefined) return this.#socket.close(CloseCode.TooManyInitialisationRequests, "Too many initialisation requests");
    clearTimeout(this.#waiting);
    this.#waiting = undefined;
    if (!(await this.#handlers.signIn(payload))) return this.#socket.close(CloseCode.Forbidden, "Forbidden");
    this.#isAcknowledged = true;
    await this.#send({ type: MessageType.ConnectionAck });
  }

  async #subscribe({ id, payload }: SubscribeMessage): Promise<void> {
    if (!this.#isAcknowledged) return this.#socket.close(CloseCode.Unauthorized, "Unauthorized");
    if (this.#operations.has(id)) return this.#socket.close(CloseCode.SubscriberAlreadyExists, `Subscriber for ${id} already exists`);
    if (this.#operations.size >= this.#handlers.maxOperations) return this.#handlers.refuseMoreOperations();
    const operation: { running?: Running } = {};
    this.#operations.set(id, operation);
    const isWanted = (): boolean => this.#operations.get(id) === operation;
    const send = (payload: FormattedExecutionResult): Promise<void> =>
      isWanted() ? this.#send({ id, type: MessageType.Next, payload }) : Promise.resolve();
    try {
      const outcome = await this.#handlers.begin(id, payload, send);
      if ("over" in outcome) return this.#run(id, operation, outcome);
      if (isErrors(outcome)) return await this.#fail(id, operation, outcome);
      await send(outcome);
      await this.#complete(id, operation);
    } catch (error) {
      this.#operations.delete(id);
      throw error;
    }
  }

  /** Subscriptions wait by the thousand: nothing of how they began stays. */
  #run(id: string, operation: { running?: Running }, running: Running): void {
    operation.running = running;
    running.over.then(
      () => this.#complete(id, operation),
      (error: unknown) => this.#fail(id, operation, this.#handlers.explain(error)),
    );
    if (this.#operations.get(id) !== operation) running.end();
  }

  async #complete(id: string, operation: object): Promise<void> {
    if (this.#operations.get(id) !== operation) return;
    this.#operations.delete(id);
    await this.#send({ id, type: MessageType.Complete });
  }

  async #fail(id: string, operation: object, payload: readonly GraphQLFormattedError[]): Promise<void> {
    if (this.#operations.get(id) !== operation) return;
    this.#operations.delete(id);
    await this.#send({ id, type: MessageType.Error, payload });
  }

  #forget(id: string): Running | undefined {
    const operation = this.#operations.get(id);
    this.#operations.delete(id);
    return operation?.running;
  }

  #send(message: object): Promise<void> {
    return this.#socket.send(JSON.stringify(message));
  }
}

function read(text: string): Message | undefined {
  try {
    return parseMessage(text);
  } catch {
    return undefined;
  }
}

function isErrors(outcome: Outcome): outcome is readonly GraphQLFormattedError[] {
  return Array.isArray(outcome);
}
