import {
  buildClientSchema,
  getIntrospectionQuery,
  getNamedType,
  type GraphQLInterfaceType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  isInterfaceType,
  isLeafType,
  isObjectType,
  isUnionType,
} from "graphql";
import { ask } from "./graphql.ts";

type Fields = GraphQLObjectType | GraphQLInterfaceType;

/** The schema as a relay describes itself to any client. */
export async function readServedSchema(relay: { url: string }): Promise<GraphQLSchema> {
  const { data, text } = await ask(relay, { query: getIntrospectionQuery() });
  if (!data) throw new Error(text);
  return buildClientSchema(data);
}

/** Every field of every object and interface, as "Type.field". */
export function fieldsOf(schema: GraphQLSchema): string[] {
  return Object.values(schema.getTypeMap())
    .filter((type): type is Fields => isObjectType(type) || isInterfaceType(type))
    .filter(({ name }) => !name.startsWith("__"))
    .flatMap((type) => Object.keys(type.getFields()).map((field) => `${type.name}.${field}`));
}

export function fieldType(schema: GraphQLSchema, typeName: string, fieldName: string): GraphQLOutputType {
  const type = schema.getType(typeName);
  const field = isObjectType(type) ? type.getFields()[fieldName] : undefined;
  if (!field) throw new Error(`the schema has no ${typeName}.${fieldName}`);
  return field.type;
}

/**
 * A selection of all leaves down to `levels` levels of objects, in braces; empty for a leaf. A type without leaves of its own is
 * read one level further: of a page its nodes, of an outcome all parts. A union is read in all of its members.
 */
export function selectionOf(outputType: GraphQLOutputType, levels = 1): string {
  const type = getNamedType(outputType);
  if (isLeafType(type)) return "";
  if (isUnionType(type)) return `{ __typename ${type.getTypes().map((member) => `... on ${member.name} ${selectionOf(member, levels)}`).join(" ")} }`;
  const fields = Object.values((type as Fields).getFields());
  const leaves = fields.filter((field) => isLeafType(getNamedType(field.type)));
  const objects = fields.filter((field) => !leaves.includes(field));
  const nodes = objects.find(({ name }) => name === "nodes");
  const deeper = leaves.length > 0 ? objects : nodes ? [nodes] : objects;
  const isDeeper = levels > 1 || leaves.length === 0;
  const parts = isDeeper ? deeper.map((field) => `${field.name} ${selectionOf(field.type, Math.max(1, levels - 1))}`) : [];
  return `{ ${[...leaves.map(({ name }) => name), ...parts].join(" ")} }`;
}
