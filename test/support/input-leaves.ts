import { getNullableType, type GraphQLInputType, type GraphQLSchema, isInputObjectType, isListType, isNonNullType } from "graphql";
import type { Json } from "./graphql.ts";

export type InputPath = (string | number)[];

/** A place in an input that holds a value and no parts. */
export interface InputLeaf {
  path: InputPath;
  /** Such as `entries.0`. */
  name: string;
  /** Of the scalar. */
  type: string;
  value: Json;
}

/** The type of a mutation's input. */
export function inputTypeOf(schema: GraphQLSchema, mutation: string): GraphQLInputType {
  const type = schema.getMutationType()?.getFields()[mutation]?.args[0]?.type;
  if (!type) throw new Error(`no mutation ${mutation}`);
  return type;
}

/** Every leaf of an input as it is given; of a list its first element stands for all. */
export function leavesOf(type: GraphQLInputType, value: Json, path: InputPath = []): InputLeaf[] {
  const inner = getNullableType(type);
  if (value === null || value === undefined) return [];
  if (isListType(inner)) return value.length === 0 ? [] : leavesOf(inner.ofType, value[0], [...path, 0]);
  if (!isInputObjectType(inner)) return [{ path, name: path.join("."), type: inner.name, value }];
  return Object.values(inner.getFields()).flatMap((field) => leavesOf(field.type, value[field.name], [...path, field.name]));
}

/** The places of all fields that have to be there, of objects and of the objects in them. */
export function requiredFieldsOf(type: GraphQLInputType, value: Json, path: InputPath = []): InputPath[] {
  const inner = getNullableType(type);
  if (value === null || value === undefined) return [];
  if (isListType(inner)) return value.length === 0 ? [] : requiredFieldsOf(inner.ofType, value[0], [...path, 0]);
  if (!isInputObjectType(inner)) return [];
  return Object.values(inner.getFields()).flatMap((field) => {
    const place = [...path, field.name];
    const isRequired = isNonNullType(field.type) && field.defaultValue === undefined;
    return [...(isRequired ? [place] : []), ...requiredFieldsOf(field.type, value[field.name], place)];
  });
}

/** The input with another value in one place; `undefined` takes the place away. */
export function replaceAt(input: Json, [name, ...rest]: InputPath, value: unknown): Json {
  if (name === undefined) return value;
  const copy = Array.isArray(input) ? [...input] : { ...input };
  copy[name] = replaceAt(copy[name], rest, value);
  return copy;
}
