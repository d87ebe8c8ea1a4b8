import {
  type DocumentNode,
  execute,
  type ExecutionArgs,
  type ExecutionResult,
  type FormattedExecutionResult,
  GraphQLError,
  type GraphQLFormattedError,
  type GraphQLSchema,
  type OperationDefinitionNode,
  OperationTypeNode,
} from "graphql";
import type { SubscribePayload } from "graphql-ws";
import type { StreamControl } from "../../domain/ports/index.ts";
import type { Viewer } from "../../domain/viewer.ts";
import type { ConversationHandlers, Outcome } from "./conversation.ts";
import { SharedExecutions } from "./shared-executions.ts";
import type { SocketWriter } from "./socket-writer.ts";
import { subscribe } from "./subscriptions.ts";

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
}

export interface Operations {
  /** Executes what a client asked for on this socket. */
  begin(socket: OperationSocket, ...asked: Parameters<ConversationHandlers["begin"]>): Promise<Outcome>;
  explain: ConversationHandlers["explain"];
  /** Queries and mutations that are being answered. */
  readonly underWay: number;
}

/** The relay's schema by socket: every operation is admitted, executed and reported. */
export function createOperations(options: OperationsOptions): Operations {
  const { schema, createContext, formatError, nowMs } = options;
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

  async function answer(args: ExecutionArgs): Promise<ExecutionResult> {
    underWay += 1;
    try {
      return await execute(args);
    } finally {
      underWay -= 1;
    }
  }

  const format = ({ data, errors }: ExecutionResult): FormattedExecutionResult =>
    errors ? { data: data ?? null, errors: errors.map(formatError) } : { data: data ?? null };

  const refuse = (errors: readonly unknown[]): readonly GraphQLFormattedError[] => {
    const formatted = errors.map(formatError);
    report(undefined, formatted, nowMs());
    return formatted;
  };

  return {
    async begin(socket, id, request, send) {
      const startedMs = nowMs();
      const admitted = admit(request);
      if (!("document" in admitted)) return refuse(admitted);
      const { document, operation } = admitted;
      const { operationName = null, variables: variableValues = null } = request;
      const args: ExecutionArgs = { schema, document, operationName, variableValues, contextValue: createContext(socket) };
      if (operation.operation !== OperationTypeNode.SUBSCRIPTION) return told(operation, startedMs, format(await answer(args)));
      const begun = await subscribe(
        {
          ...args,
          id,
          operation,
          createContext: () => createContext(socket),
          writer: socket.writer,
          send: (result) => send(format(result)),
          fail: (error) => socket.failStream(error),
        },
        executions,
      );
      if (!("over" in begun)) return told(operation, startedMs, format(begun));
      report(operation, [], startedMs);
      return begun;
    },
    explain: (error) => refuse([error]),
    get underWay() {
      return underWay;
    },
  };

  function told(operation: OperationDefinitionNode, startedMs: number, result: FormattedExecutionResult): FormattedExecutionResult {
    report(operation, result.errors ?? [], startedMs);
    return result;
  }
}
