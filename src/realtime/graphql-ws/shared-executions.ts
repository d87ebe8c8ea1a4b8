import {
  type DocumentNode,
  execute,
  type ExecutionResult,
  type GraphQLFormattedError,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from "graphql";

/** A subscription as its client asked for it. */
export interface SharedRequest {
  document: DocumentNode;
  operation: OperationDefinitionNode;
  operationName: string | null;
  variableValues: Readonly<Record<string, unknown>> | null;
}

export interface SharedExecutionsOptions {
  schema: GraphQLSchema;
  /** Of executions that belong to nobody: asking it for the viewer throws. */
  createSharedContext(): object;
  formatError(error: unknown): GraphQLFormattedError;
}

/** What is written to every socket that asked the same: a result in JSON. */
export interface Answer {
  /** Undefined until it is ready. */
  payload: Buffer | undefined;
  ready: Promise<void>;
}

const PER_VIEWER = "perViewer";
const READY = Promise.resolve();

/**
 * Subscriptions that ask the same are executed once for each delivery. What a document means to everybody alike is looked
 * up once; a selection with a field that is marked `@perViewer` is shared with nobody.
 */
export class SharedExecutions {
  readonly #options: SharedExecutionsOptions;
  readonly #documents = new WeakMap<DocumentNode, Document>();

  constructor(options: SharedExecutionsOptions) {
    this.#options = options;
  }

  /** The execution to share, which the caller leaves at the end; undefined when the answer depends on who asks. */
  join(request: SharedRequest): SharedExecution | undefined {
    const document = this.#documents.get(request.document) ?? this.#learn(request.document);
    if (document.dependsOnViewer) return undefined;
    const key = keyOf(request);
    const execution = document.executions.get(key) ?? new SharedExecution(this.#options, request, () => document.executions.delete(key));
    document.executions.set(key, execution);
    execution.enter();
    return execution;
  }

  #learn(node: DocumentNode): Document {
    const document = { dependsOnViewer: dependsOnViewer(this.#options.schema, node), executions: new Map<string, SharedExecution>() };
    this.#documents.set(node, document);
    return document;
  }
}

interface Document {
  dependsOnViewer: boolean;
  /** By operation and the variables that matter, as long as somebody uses them. */
  executions: Map<string, SharedExecution>;
}

export class SharedExecution {
  readonly #options: SharedExecutionsOptions;
  readonly #request: SharedRequest;
  readonly #onUnused: () => void;
  readonly #answers = new WeakMap<object, Answer>();
  // Thousands of sockets ask for the same delivery one after the other.
  #latest: { delivery: object; answer: Answer } | undefined;
  #users = 0;

  constructor(options: SharedExecutionsOptions, request: SharedRequest, onUnused: () => void) {
    this.#options = options;
    this.#request = request;
    this.#onUnused = onUnused;
  }

  enter(): void {
    this.#users += 1;
  }

  leave(): void {
    this.#users -= 1;
    if (this.#users === 0) this.#onUnused();
  }

  /** The answer to a delivery, made for the first who asks. */
  answer(delivery: object): Answer {
    if (this.#latest?.delivery === delivery) return this.#latest.answer;
    const answer = this.#answers.get(delivery) ?? this.#execute(delivery);
    this.#answers.set(delivery, answer);
    this.#latest = { delivery, answer };
    return answer;
  }

  #execute(delivery: object): Answer {
    const { schema, createSharedContext } = this.#options;
    const { document, operationName, variableValues } = this.#request;
    const result = execute({ schema, document, operationName, variableValues, rootValue: delivery, contextValue: createSharedContext() });
    if (!(result instanceof Promise)) return { payload: this.#encode(result), ready: READY };
    const answer: Answer = {
      payload: undefined,
      ready: result.then((settled) => {
        answer.payload = this.#encode(settled);
      }),
    };
    return answer;
  }

  #encode({ data, errors }: ExecutionResult): Buffer {
    return Buffer.from(JSON.stringify({ data, errors: errors?.map(this.#options.formatError) }));
  }
}

function dependsOnViewer(schema: GraphQLSchema, document: DocumentNode): boolean {
  const types = new TypeInfo(schema);
  let isFound = false;
  visit(
    document,
    visitWithTypeInfo(types, {
      Field() {
        isFound ||= types.getFieldDef()?.astNode?.directives?.some(({ name }) => name.value === PER_VIEWER) ?? false;
      },
    }),
  );
  return isFound;
}

/** The arguments of the subscription itself say where a stream begins, and nothing of what is answered. */
function keyOf({ document, operation, operationName, variableValues }: SharedRequest): string {
  const beginnings = new Set(operation.selectionSet.selections.flatMap((selection) => (selection.kind === Kind.FIELD ? (selection.arguments ?? []) : [])));
  const matter = new Set<string>();
  visit(document, {
    Argument: (node) => (beginnings.has(node) ? false : undefined),
    VariableDefinition: () => false,
    Variable: ({ name }) => void matter.add(name.value),
  });
  const values = Object.entries(variableValues ?? {}).filter(([name]) => matter.has(name));
  return JSON.stringify([operationName, Object.fromEntries(values.sort(([a], [b]) => (a < b ? -1 : 1)))]);
}
