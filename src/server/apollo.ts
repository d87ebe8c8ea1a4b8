import { ApolloServer, type ApolloServerPlugin } from "@apollo/server";
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from "@apollo/server/plugin/disabled";
import { GraphQLError, type GraphQLSchema, OperationTypeNode } from "graphql";
import type { Log } from "../domain/log.ts";
import type { RelayContext } from "../resolvers/context.ts";
import { type FormatError, httpStatusOf, withQuestionCode } from "./errors.ts";
import type { OperationGate } from "./operation-gate.ts";
import type { RequestRecord } from "./request-record.ts";

/** A resolver's context, and the record that one line of the log is made of. */
export type HttpContext = RelayContext & { readonly record: RequestRecord };

export interface ApolloOptions {
  schema: GraphQLSchema;
  gate: OperationGate;
  formatError: FormatError;
  log: Log;
}

/** GraphQL over HTTP: queries and mutations. It calls nobody, explains no schema and shows no stack. */
export async function startApollo({ schema, gate, formatError, log }: ApolloOptions): Promise<ApolloServer<HttpContext>> {
  const apollo = new ApolloServer<HttpContext>({
    schema,
    parseOptions: gate.parseOptions,
    validationRules: [...gate.rules],
    validationOptions: { maxErrors: gate.maxErrors },
    formatError: (_formatted, error) => formatError(error),
    // Whether the schema may be asked for is the gate's decision, on both transports.
    introspection: true,
    csrfPrevention: true,
    includeStacktraceInErrorResponses: false,
    allowBatchedHttpRequests: false,
    persistedQueries: false,
    stopOnTerminationSignals: false,
    nodeEnv: "production",
    stringifyResult: (answer) => JSON.stringify(answer),
    logger: quietLogger(log),
    plugins: [
      createPlugin(gate),
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
    ],
  });
  await apollo.start();
  return apollo;
}

function createPlugin(gate: OperationGate): ApolloServerPlugin<HttpContext> {
  return {
    async requestDidStart() {
      return {
        async didResolveOperation({ document, operation, request, contextValue }) {
          // Without an operation of that name there is nothing to check; the executor says so.
          if (!operation) return;
          contextValue.record.operation = operation;
          if (operation.operation === OperationTypeNode.SUBSCRIPTION) throw subscriptionOverHttp();
          const tooMuch = gate.check({ document, operation }, request.variables);
          if (tooMuch) throw tooMuch;
        },
        async willSendResponse({ response, contextValue }) {
          const errors = (response.body.kind === "single" && response.body.singleResult.errors) || [];
          const codes = errors.map(({ extensions }) => extensions?.["code"]);
          contextValue.record.codes = codes;
          response.http.status = httpStatusOf(codes);
          const waits = errors.map(({ extensions }) => Number(extensions?.["retryAfterSeconds"] ?? 0));
          const longest = Math.max(0, ...waits);
          if (longest > 0) response.http.headers.set("retry-after", String(longest));
        },
      };
    },
  };
}

function subscriptionOverHttp(): GraphQLError {
  return withQuestionCode(new GraphQLError("Subscriptions travel over the WebSocket at this address (graphql-transport-ws)."), "BAD_REQUEST");
}

/** What it would write holds texts of errors; what matters of them is in our own log. */
function quietLogger(log: Log): Record<"debug" | "info" | "warn" | "error", () => void> {
  const ignore = (): void => undefined;
  return { debug: ignore, info: ignore, warn: ignore, error: () => log.error("the GraphQL server met an unexpected error") };
}
