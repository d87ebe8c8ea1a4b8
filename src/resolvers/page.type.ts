import { type ClassType, Field, ObjectType } from "type-graphql";
import { DomainError } from "../domain/domain-error.ts";
import type { Page } from "../domain/ports/index.ts";
import { CursorScalar } from "./scalars.ts";

@ObjectType("PageInfo")
export class PageInfoType {
  @Field(() => Boolean)
  hasNextPage!: boolean;

  @Field(() => CursorScalar, { nullable: true })
  endCursor!: string | null;
}

export interface EdgeShape<Node> {
  cursor: string;
  node: Node;
}

export interface ConnectionShape<Node> {
  edges: EdgeShape<Node>[];
  nodes: Node[];
  pageInfo: PageInfoType;
}

/** The fields of an edge: `@ObjectType() class UserEdge extends EdgeOf(() => UserType) {}`. */
export function EdgeOf<Node extends object>(node: () => ClassType<Node>): ClassType<EdgeShape<Node>> {
  @ObjectType()
  class Edge implements EdgeShape<Node> {
    @Field(() => CursorScalar)
    cursor!: string;

    @Field(node)
    node!: Node;
  }
  return Edge;
}

/** The fields of a connection: `@ObjectType() class UserConnection extends ConnectionOf(() => UserEdge, () => UserType) {}`. */
export function ConnectionOf<Node extends object>(
  edge: () => ClassType<EdgeShape<Node>>,
  node: () => ClassType<Node>,
): ClassType<ConnectionShape<Node>> {
  @ObjectType()
  class Connection implements ConnectionShape<Node> {
    @Field(() => [edge()])
    edges!: EdgeShape<Node>[];

    @Field(() => [node()])
    nodes!: Node[];

    @Field(() => PageInfoType)
    pageInfo!: PageInfoType;
  }
  return Connection;
}

/** A page of rows as a connection. */
export function toConnection<Row, Node>(
  page: Page<Row>,
  toNode: (row: Row) => Node,
  cursorOf: (row: Row) => string,
): ConnectionShape<Node> {
  const edges = page.rows.map((row) => ({ cursor: cursorOf(row), node: toNode(row) }));
  return {
    edges,
    nodes: edges.map(({ node }) => node),
    pageInfo: { hasNextPage: page.hasMore, endCursor: edges.at(-1)?.cursor ?? null },
  };
}

/** The asked size of a page. @throws DomainError BAD_INPUT outside of 1 to `most` */
export function pageSize(first: number, most: number): number {
  if (first >= 1 && first <= most) return first;
  throw new DomainError("BAD_INPUT", `Ask for 1 to ${most} at a time.`);
}
