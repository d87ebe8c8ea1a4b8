import {
  type FieldNode,
  type FragmentDefinitionNode,
  getNamedType,
  getNullableType,
  GraphQLError,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  isInterfaceType,
  isListType,
  isObjectType,
  Kind,
  type DocumentNode,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from "graphql";
import { withQuestionCode } from "./errors.ts";

/** What one operation may ask for at most. */
export interface OperationLimits {
  /** Levels of fields. */
  maxDepth: number;
  maxAliases: number;
  maxDirectives: number;
  /** Fields of the answer, with every list at the length that the operation asks for. */
  maxCost: number;
}

export interface OperationSize {
  depth: number;
  aliases: number;
  directives: number;
  cost: number;
}

/** How long a list is taken to be whose length no argument `first` says. */
const ASSUMED_LIST_LENGTH = 5;

type Variables = Readonly<Record<string, unknown>>;

/** The refusal of an operation that asks for too much, or undefined when it is within the limits. */
export function checkOperationSize(size: OperationSize, limits: OperationLimits): GraphQLError | undefined {
  const checks = [
    ["levels", size.depth, limits.maxDepth],
    ["aliases", size.aliases, limits.maxAliases],
    ["directives", size.directives, limits.maxDirectives],
    ["fields in its answer", size.cost, limits.maxCost],
  ] as const;
  const exceeded = checks.find(([, found, most]) => found > most);
  if (!exceeded) return undefined;
  const [what, found, most] = exceeded;
  const text = `The operation has ${found} ${what}; this relay answers at most ${most}. Ask for less at a time.`;
  return withQuestionCode(new GraphQLError(text), "GRAPHQL_VALIDATION_FAILED");
}

/**
 * Measures one valid operation with its variables. Every spread of a fragment counts in full, but is walked only once:
 * the time is linear in the length of the document, however much it would expand to.
 */
export function measureOperation(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Variables,
): OperationSize {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  const values = withDefaults(operation, variables);
  const measured = new Map<string, OperationSize>();

  const measureSelections = (set: SelectionSetNode, type: GraphQLNamedType | undefined, listLength: number): OperationSize =>
    set.selections.map((selection) => measureSelection(selection, type, listLength)).reduce(add, nothing);

  function measureSelection(selection: SelectionNode, type: GraphQLNamedType | undefined, listLength: number): OperationSize {
    const directives = { ...nothing, directives: selection.directives?.length ?? 0 };
    if (selection.kind === Kind.FIELD) return add(directives, measureField(selection, type, listLength));
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      const condition = selection.typeCondition ? schema.getType(selection.typeCondition.name.value) : type;
      return add(directives, measureSelections(selection.selectionSet, condition, listLength));
    }
    return add(directives, measureFragment(selection.name.value, listLength));
  }

  function measureFragment(name: string, listLength: number): OperationSize {
    const key = `${name} ${listLength}`;
    const known = measured.get(key);
    const fragment = fragments.get(name);
    if (known || !fragment) return known ?? nothing;
    const size = measureSelections(fragment.selectionSet, schema.getType(fragment.typeCondition.name.value), listLength);
    measured.set(key, size);
    return size;
  }

  function measureField(node: FieldNode, type: GraphQLNamedType | undefined, listLength: number): OperationSize {
    const aliases = node.alias ? 1 : 0;
    if (!node.selectionSet) return { depth: 1, aliases, directives: 0, cost: 1 };
    const field = fieldOf(type, node.name.value);
    const asked = field && pageLength(node, field, values);
    const inner = measureSelections(node.selectionSet, field && getNamedType(field.type), asked ?? ASSUMED_LIST_LENGTH);
    // Introspection nests deeper than any other question; the specified rules bound how often its lists may nest.
    const depth = node.name.value.startsWith("__") ? 1 : inner.depth + 1;
    const factor = field && isListType(getNullableType(field.type)) ? (asked ?? listLength) : 1;
    return { depth, aliases: inner.aliases + aliases, directives: inner.directives, cost: 1 + factor * inner.cost };
  }

  const root = schema.getRootType(operation.operation) ?? undefined;
  const directives = { ...nothing, directives: operation.directives?.length ?? 0 };
  return add(directives, measureSelections(operation.selectionSet, root, ASSUMED_LIST_LENGTH));
}

const nothing: OperationSize = { depth: 0, aliases: 0, directives: 0, cost: 0 };

function add(a: OperationSize, b: OperationSize): OperationSize {
  return {
    depth: Math.max(a.depth, b.depth),
    aliases: a.aliases + b.aliases,
    directives: a.directives + b.directives,
    cost: a.cost + b.cost,
  };
}

function fieldOf(type: GraphQLNamedType | undefined, name: string): GraphQLField<unknown, unknown> | undefined {
  return isObjectType(type) || isInterfaceType(type) ? type.getFields()[name] : undefined;
}

/** What the argument `first` says, of a field that has one. */
function pageLength(node: FieldNode, field: GraphQLField<unknown, unknown>, values: Variables): number | undefined {
  const argument = field.args.find(({ name }) => name === "first");
  if (!argument) return undefined;
  const given = node.arguments?.find(({ name }) => name.value === "first")?.value;
  if (given?.kind === Kind.INT) return wholeNumber(Number(given.value));
  const variable = given?.kind === Kind.VARIABLE ? values[given.name.value] : undefined;
  return wholeNumber(variable ?? argument.defaultValue);
}

/** Other values are refused when the field is executed. */
function wholeNumber(value: unknown): number {
  return typeof value === "number" && value > 0 ? value : 0;
}

function withDefaults(operation: OperationDefinitionNode, variables: Variables): Variables {
  const defaults = (operation.variableDefinitions ?? []).flatMap(({ variable, defaultValue }) =>
    defaultValue?.kind === Kind.INT ? [[variable.name.value, Number(defaultValue.value)] as const] : [],
  );
  return { ...Object.fromEntries(defaults), ...variables };
}
