import {
  type DocumentNode,
  getOperationAST,
  GraphQLError,
  type GraphQLSchema,
  NoSchemaIntrospectionCustomRule,
  type OperationDefinitionNode,
  parse,
  type ParseOptions,
  specifiedRules,
  validate,
  type ValidationRule,
} from "graphql";
import { DocumentCache } from "./document-cache.ts";
import { withQuestionCode } from "./errors.ts";
import { checkOperationSize, measureOperation, type OperationLimits } from "./operation-limits.ts";

export interface OperationGateOptions {
  schema: GraphQLSchema;
  /** Whether clients may ask for the schema. */
  introspection: boolean;
  limits: OperationLimits & { maxTokens: number };
}

/** An operation as a client sends it. */
export interface OperationRequest {
  query: string;
  operationName?: string | null | undefined;
  variables?: Readonly<Record<string, unknown>> | null | undefined;
}

export interface Operation {
  document: DocumentNode;
  operation: OperationDefinitionNode;
}

/**
 * What every operation passes before it is executed, whichever transport it came by. HTTP has a server of its own that
 * parses and validates: it takes `parseOptions`, `rules` and `maxErrors`, and calls `check`. The WebSocket calls `admit`.
 */
export interface OperationGate {
  readonly parseOptions: ParseOptions;
  /** Besides the specified ones. */
  readonly rules: readonly ValidationRule[];
  readonly maxErrors: number;
  /** The refusal of a valid operation that asks for too much. */
  check(operation: Operation, variables: OperationRequest["variables"]): GraphQLError | undefined;
  /** The operation, or why it is refused. */
  admit(request: OperationRequest): Operation | readonly GraphQLError[];
}

const MAX_ERRORS = 10;

export function createOperationGate({ schema, introspection, limits }: OperationGateOptions): OperationGate {
  const parseOptions = { maxTokens: limits.maxTokens };
  const rules = introspection ? [] : [NoSchemaIntrospectionCustomRule];

  const check: OperationGate["check"] = ({ document, operation }, variables) =>
    checkOperationSize(measureOperation(schema, document, operation, variables ?? {}), limits);

  const documents = new DocumentCache<DocumentNode | readonly GraphQLError[]>();

  function readDocument(query: string): DocumentNode | readonly GraphQLError[] {
    const document = parseDocument(query, parseOptions);
    if (document instanceof GraphQLError) return [document];
    const invalid = validate(schema, document, [...specifiedRules, ...rules], { maxErrors: MAX_ERRORS });
    return invalid.length > 0 ? invalid.map((error) => withQuestionCode(error, "GRAPHQL_VALIDATION_FAILED")) : document;
  }

  return {
    parseOptions,
    rules,
    maxErrors: MAX_ERRORS,
    check,
    admit({ query, operationName, variables }) {
      const document = documents.find(query) ?? documents.keep(query, readDocument(query));
      if (!("kind" in document)) return document;
      const operation = getOperationAST(document, operationName);
      if (!operation) return [unknownOperation()];
      const tooMuch = check({ document, operation }, variables);
      return tooMuch ? [tooMuch] : { document, operation };
    },
  };
}

function parseDocument(query: string, options: ParseOptions): DocumentNode | GraphQLError {
  try {
    return parse(query, options);
  } catch (error) {
    if (error instanceof GraphQLError) return withQuestionCode(error, "GRAPHQL_PARSE_FAILED");
    throw error;
  }
}

function unknownOperation(): GraphQLError {
  return withQuestionCode(new GraphQLError("Name the operation to run: the document has none, or more than one."), "OPERATION_RESOLUTION_FAILURE");
}
