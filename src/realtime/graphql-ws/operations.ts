import { type DocumentNode, execute, GraphQLError, type GraphQLFormattedError, type GraphQLSchema, type OperationDefinitionNode } from "graphql";
import { makeServer, type Server, type SubscribePayload } from "graphql-ws";
import type { StreamControl } from "../../domain/ports/index.ts";
import type { Viewer } from "../../domain/viewer.ts";
import { SharedExecutions } from "./shared-executions.ts";
import type { SocketWriter } from "./socket-writer.ts";
import { subscribe, type SubscriptionArgs } from "./subscriptions.ts";

/** Who asks, for the context of one execution. */
export interface SocketAsker {
  readonly viewer: Viewer | undefined;
  /** As limits count it. */
  readonly address: string;
  /** Closes the socket when its client cannot keep up with a stream. */
  readonly stream: StreamControl;
}

/** What operations need of the socket they come by. */
export interface OperationSocket extends SocketAsker {
  /** Takes the access token of connection_init; false refuses the socket. */
  signIn(accessToken: unknown): Promise<boolean>;
  refuseMoreOperations(): void;
  readonly writer: SocketWriter;
  /** Closes the socket, since what it was promised cannot be kept. */
  failStream(error: unknown): void;
}

/** What may be told about an operation: names of the schema and codes, never text, variables or answers. */
export interface OperationReport {
  operation: OperationDefinitionNode | undefined;
  codes: readonly unknown[];
  /** Of a subscription: until it began. */
  durationMs: number;
}

export interface OperationsOptions {
  schema: GraphQLSchema;
  /** The parsed and valid operation, or why it is refused. */
  admit(request: SubscribePayload): { document: DocumentNode; operation: OperationDefinitionNode } | readonly GraphQLError[];
  createContext(asker: SocketAsker): object;
  /** Of what is executed once for many: asking it for the viewer throws. */
  createSharedContext(): object;
  formatError(error: unknown): GraphQLFormattedError;
  report(report: OperationReport): void;
  nowMs(): number;
  limits: { connectionInitMs: number; maxOperationsPerSocket: number };
}

export interface Operations {
  server: Server<OperationSocket>;
  /** Queries and mutations that are being answered. */
  readonly underWay: number;
}

interface Args extends SubscriptionArgs {
  /** Counts once: of a subscription, its beginning is what is reported. */
  report(errors: readonly GraphQLFormattedError[]): void;
}

/** The graphql-transport-ws protocol over the relay's schema: every operation is admitted, executed and reported. */
export function createOperations(options: OperationsOptions): Operations {
  const { schema, createContext, formatError, nowMs, limits } = options;
  const executions = new SharedExecutions(options);
  let underWay = 0;

  const report = (operation: OperationDefinitionNode | undefined, errors: readonly GraphQLFormattedError[], startedMs: number): void =>
    options.report({ operation, codes: errors.map(({ extensions }) => extensions?.["code"]), durationMs: nowMs() - startedMs });

  const admit: typeof options.admit = (request) => {
    try {
      return options.admit(request);
    } catch (error) {
      return [new GraphQLError("", { originalError: error instanceof Error ? error : null })];
    }
  };

  const server = makeServer<{ accessToken?: unknown }, OperationSocket>({
    connectionInitWaitTimeout: limits.connectionInitMs,
    onConnect: ({ connectionParams, extra }) => extra.signIn(connectionParams?.accessToken),

    onSubscribe({ subscriptions, extra }, id, request) {
      const startedMs = nowMs();
      if (Object.keys(subscriptions).length > limits.maxOperationsPerSocket) {
        extra.refuseMoreOperations();
        return [new GraphQLError("Too many operations at once on this socket.")];
      }
      const admitted = admit(request);
      if (!("document" in admitted)) return admitted;
      const createContextAgain = (): object => createContext(extra);
      const args: Args = {
        id,
        schema,
        document: admitted.document,
        operation: admitted.operation,
        operationName: request.operationName ?? null,
        variableValues: request.variables ?? null,
        contextValue: createContextAgain(),
        createContext: createContextAgain,
        writer: extra.writer,
        fail: extra.failStream,
        report: once((errors) => report(admitted.operation, errors, startedMs)),
      };
      return args;
    },

    async execute(args) {
      underWay += 1;
      try {
        return await execute(args);
      } finally {
        underWay -= 1;
      }
    },
    subscribe: (args) => subscribe(args as Args, executions),

    onOperation(_socket, _id, _request, args, result) {
      if (Symbol.asyncIterator in result) (args as Args).report([]);
    },
    onNext(_socket, _id, _request, args, result) {
      const errors = result.errors?.map(formatError);
      (args as Args).report(errors ?? []);
      return errors && { data: result.data ?? null, errors };
    },
    onError(_socket, _id, _request, errors) {
      const formatted = errors.map(formatError);
      report(undefined, formatted, nowMs());
      return formatted;
    },
  });

  return {
    server,
    get underWay() {
      return underWay;
    },
  };
}

function once<Argument>(act: (argument: Argument) => void): (argument: Argument) => void {
  let isDone = false;
  return (argument) => {
    if (isDone) return;
    isDone = true;
    act(argument);
  };
}
