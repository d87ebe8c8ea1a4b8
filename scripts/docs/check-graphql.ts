import {
  buildSchema,
  type GraphQLSchema,
  GraphQLError,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isTypeSystemDefinitionNode,
  isUnionType,
  Kind,
  NoUnusedFragmentsRule,
  parse,
  print,
  specifiedRules,
  type TypeSystemDefinitionNode,
  validate,
} from "graphql";
import type { Document, Problem, Snippet } from "./document.ts";

const rules = specifiedRules.filter((rule) => rule !== NoUnusedFragmentsRule);

/** Validates every GraphQL snippet against the contract `sdl`: operations as the relay would, excerpts of the contract by comparing them with it. */
export function checkGraphql(sdl: string, documents: Document[]): Problem[] {
  const schema = buildSchema(sdl);
  return documents.flatMap(({ path, snippets }) =>
    snippets
      .filter(({ language }) => language === "graphql")
      .flatMap((snippet) => checkSnippet(schema, snippet).map(({ line, message }) => ({ path, line: snippet.line + line - 1, message }))),
  );
}

function checkSnippet(schema: GraphQLSchema, snippet: Snippet): { line: number; message: string }[] {
  try {
    const document = parse(snippet.text);
    const excerpts = document.definitions.filter(isTypeSystemDefinitionNode);
    const executable = document.definitions.filter((definition) => !isTypeSystemDefinitionNode(definition));
    const errors = executable.length > 0 ? validate(schema, { ...document, definitions: executable }, rules) : [];
    return [...errors.map(toProblem), ...excerpts.flatMap((excerpt) => checkExcerpt(schema, excerpt))];
  } catch (error) {
    if (error instanceof GraphQLError) return [toProblem(error)];
    throw error;
  }
}

function toProblem(error: GraphQLError): { line: number; message: string } {
  return { line: error.locations?.[0]?.line ?? 1, message: error.message };
}

/** An excerpt may leave members of a type out; what it shows must stand in the contract exactly so. */
function checkExcerpt(schema: GraphQLSchema, excerpt: TypeSystemDefinitionNode): { line: number; message: string }[] {
  const line = excerpt.loc?.startToken.line ?? 1;
  if (excerpt.kind === Kind.SCHEMA_DEFINITION) return [];
  const name = excerpt.name.value;
  if (excerpt.kind === Kind.DIRECTIVE_DEFINITION) return schema.getDirective(name) ? [] : [{ line, message: `the contract has no directive @${name}` }];
  if (!schema.getType(name)) return [{ line, message: `the contract has no type ${name}` }];
  const present = membersOf(schema, name);
  return shownMembers(excerpt)
    .filter((member) => !present.has(member))
    .map((member) => ({ line, message: `${name} has no such member in the contract: ${member}` }));
}

/** Fields with arguments and types, values and member types, each as one line. */
function membersOf(schema: GraphQLSchema, name: string): Set<string> {
  const type = schema.getType(name);
  if (isObjectType(type) || isInterfaceType(type)) {
    return new Set(
      Object.values(type.getFields()).map((field) => fieldLine(field.name, field.args.map((arg) => `${arg.name}: ${String(arg.type)}`), String(field.type))),
    );
  }
  if (isInputObjectType(type)) return new Set(Object.values(type.getFields()).map((field) => fieldLine(field.name, [], String(field.type))));
  if (isEnumType(type)) return new Set(type.getValues().map((value) => value.name));
  if (isUnionType(type)) return new Set(type.getTypes().map((member) => member.name));
  return new Set();
}

function shownMembers(excerpt: TypeSystemDefinitionNode): string[] {
  switch (excerpt.kind) {
    case Kind.OBJECT_TYPE_DEFINITION:
    case Kind.INTERFACE_TYPE_DEFINITION:
      return (excerpt.fields ?? []).map((field) =>
        fieldLine(field.name.value, (field.arguments ?? []).map((arg) => `${arg.name.value}: ${print(arg.type)}`), print(field.type)),
      );
    case Kind.INPUT_OBJECT_TYPE_DEFINITION:
      return (excerpt.fields ?? []).map((field) => fieldLine(field.name.value, [], print(field.type)));
    case Kind.ENUM_TYPE_DEFINITION:
      return (excerpt.values ?? []).map((value) => value.name.value);
    case Kind.UNION_TYPE_DEFINITION:
      return (excerpt.types ?? []).map((member) => member.name.value);
    default:
      return [];
  }
}

function fieldLine(name: string, args: string[], type: string): string {
  return `${name}${args.length > 0 ? `(${args.join(", ")})` : ""}: ${type}`;
}
