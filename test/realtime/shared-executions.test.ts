import { buildSchema, GraphQLError, type GraphQLFieldResolver, type GraphQLObjectType, Kind, type OperationDefinitionNode, parse } from "graphql";
import { beforeEach, describe, expect, test } from "vitest";
import { SharedExecutions } from "../../src/realtime/graphql-ws/shared-executions.ts";

const schema = buildSchema(`
  directive @perViewer on FIELD_DEFINITION
  type Query { nothing: Int }
  type Subscription { said(after: [Int!]): Saying! }
  type Saying { text(upTo: Int): String!  author: Author! }
  type Author { name: String!  isFriend: Boolean! @perViewer }
`);
type Delivery = { text: string };
let executions: SharedExecutions;
let resolved: number;

function resolve(type: string, field: string, resolver: GraphQLFieldResolver<Delivery, { viewer: string }, { upTo?: number }>): void {
  const fields = (schema.getType(type) as GraphQLObjectType).getFields();
  (fields[field] as { resolve: unknown }).resolve = resolver;
}

beforeEach(() => {
  resolved = 0;
  resolve("Subscription", "said", (delivery) => delivery);
  resolve("Saying", "text", ({ text }, { upTo }) => {
    resolved += 1;
    return text.slice(0, upTo);
  });
  resolve("Saying", "author", (delivery) => delivery);
  resolve("Author", "name", async () => "bob");
  resolve("Author", "isFriend", (_, __, { viewer }) => viewer === "alice");
  executions = new SharedExecutions({
    schema,
    createSharedContext: () => ({
      get viewer(): never {
        throw new Error("nobody in particular");
      },
    }),
    formatError: (error) => ({ message: error instanceof GraphQLError ? "INTERNAL" : "?" }),
  });
});

const documents = new Map<string, ReturnType<typeof parse>>();

function join(text: string, variableValues: Record<string, unknown> | null = null, operationName: string | null = null) {
  const document = documents.get(text) ?? parse(text);
  documents.set(text, document);
  const operation = document.definitions.find(({ kind }) => kind === Kind.OPERATION_DEFINITION) as OperationDefinitionNode;
  return executions.join({ document, operation, operationName, variableValues });
}

const TEXT = "subscription ($after: [Int!]) { said(after: $after) { text } }";

describe("what two subscribers ask alike", () => {
  test("is executed once for each delivery, wherever they begin", () => {
    const [one, other] = [join(TEXT, { after: [1] }), join(TEXT, { after: [2, 3] })];
    const delivery = { text: "hello" };
    expect(one?.answer(delivery)).toBe(other?.answer(delivery));
    expect(String(one?.answer(delivery).payload)).toBe('{"data":{"said":{"text":"hello"}}}');
    expect(resolved).toBe(1);
    one?.answer({ text: "hello" });
    expect(resolved).toBe(2);
  });

  test("is executed once when it takes a while, too", async () => {
    const [one, other] = [join("subscription { said { author { name } } }"), join("subscription { said { author { name } } }")];
    const delivery = { text: "hello" };
    const [first, second] = [one?.answer(delivery), other?.answer(delivery)];
    expect(first).toBe(second);
    expect(first?.payload).toBeUndefined();
    await first?.ready;
    expect(String(first?.payload)).toBe('{"data":{"said":{"author":{"name":"bob"}}}}');
  });
});

describe("what differs is not shared", () => {
  test.each([
    ["a variable of a field", "subscription ($upTo: Int) { said { text(upTo: $upTo) } }", { upTo: 1 }, { upTo: 2 }],
    ["a variable of a directive", "subscription ($on: Boolean!) { said { __typename text @include(if: $on) } }", { on: true }, { on: false }],
    ["a variable that is null and one that is not given", "subscription ($upTo: Int = 3) { said { text(upTo: $upTo) } }", { upTo: null }, {}],
    ["a variable in a fragment", "subscription ($upTo: Int) { said { ...parts } } fragment parts on Saying { text(upTo: $upTo) }", { upTo: 1 }, { upTo: 2 }],
  ])("%s", (_, text, some, others) => {
    const delivery = { text: "hello" };
    expect(String(join(text, some)?.answer(delivery).payload)).not.toBe(String(join(text, others)?.answer(delivery).payload));
  });

  test("a variable that begins the stream and matters as well", () => {
    const text = "subscription ($n: [Int!], $m: Int) { said(after: $n) { text(upTo: $m) } }";
    expect(join(text, { n: [1], m: 2 })).toBe(join(text, { m: 2, n: [5] }));
    expect(join(text, { n: [1], m: 2 })).not.toBe(join(text, { n: [1], m: 3 }));
  });

  test("another operation of the same document", () => {
    const text = "subscription One { said { text } } subscription Two { said { author { name } } }";
    expect(join(text, null, "One")).not.toBe(join(text, null, "Two"));
  });
});

describe("a field that depends on the viewer", () => {
  test("is shared with nobody, through fragments neither", () => {
    expect(join("subscription { said { author { isFriend } } }")).toBeUndefined();
    expect(join("subscription { said { ...a } } fragment a on Saying { author { ...b } } fragment b on Author { yes: isFriend }")).toBeUndefined();
    expect(join("subscription { said { author { name } } }")).toBeDefined();
  });

  test("whose mark was forgotten answers nobody, and leaks nothing", async () => {
    resolve("Author", "name", (_, __, { viewer }) => `bob, a friend of ${viewer}`);
    const answer = join("subscription { said { author { name } } }")?.answer({ text: "hello" });
    await answer?.ready;
    expect(JSON.parse(String(answer?.payload))).toEqual({ data: null, errors: [{ message: "INTERNAL" }] });
  });
});

test("nothing is kept of an operation that nobody asks any more", () => {
  const first = join(TEXT);
  expect(join(TEXT)).toBe(first);
  first?.leave();
  expect(join(TEXT)).toBe(first);
  first?.leave();
  first?.leave();
  expect(join(TEXT)).not.toBe(first);
});
