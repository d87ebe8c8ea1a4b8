import { type FieldNode, Kind, type OperationDefinitionNode } from "graphql";
import type { Viewer } from "../domain/viewer.ts";

/** What the relay keeps of a request while it answers it: enough for one line of the log, and nothing of its content. */
export interface RequestRecord {
  viewer: Viewer | undefined;
  operation: OperationDefinitionNode | undefined;
  /** Of the errors in the answer. */
  codes: readonly unknown[];
}

const MAX_NAMES = 3;

export function createRequestRecord(): RequestRecord {
  return { viewer: undefined, operation: undefined, codes: [] };
}

/**
 * An operation by its fields, such as `query feed`. The name that the client gave it may be any text, so it is not for
 * the log; the fields of a valid operation are names of the schema.
 */
export function describeOperation(operation: OperationDefinitionNode): string {
  const fields = operation.selectionSet.selections.filter((node): node is FieldNode => node.kind === Kind.FIELD).map(({ name }) => name.value);
  const names = fields.slice(0, MAX_NAMES);
  return [operation.operation, ...names, ...(fields.length > MAX_NAMES ? ["and more"] : [])].join(" ");
}
