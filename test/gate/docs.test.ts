import { describe, expect, test } from "vitest";
import { checkGraphql } from "../../scripts/docs/check-graphql.ts";
import { checkCitations, checkLinks } from "../../scripts/docs/check-links.ts";
import { checkNames } from "../../scripts/docs/check-names.ts";
import { checkTypescript } from "../../scripts/docs/check-typescript.ts";
import { parseDocument } from "../../scripts/docs/document.ts";
import { root } from "../../scripts/run.ts";

const page = (...lines: string[]) => parseDocument("PAGE.md", lines.join("\n"));
const fenced = (language: string, ...lines: string[]) => page("# A page", `\`\`\`${language}`, ...lines, "```", "The end.");

describe("pages are read", () => {
  test("a fenced block becomes a snippet that knows its line, and leaves the prose", () => {
    const { snippets, prose } = page("one", "```ts title", "two", "", "```", "six");
    expect(snippets).toEqual([{ language: "ts", line: 3, text: "two\n" }]);
    expect(prose).toBe("one\n\n\n\n\nsix");
  });

  test("a longer fence holds a shorter one", () => {
    expect(page("````md", "```ts", "x", "```", "````").snippets).toEqual([{ language: "md", line: 2, text: "```ts\nx\n```" }]);
  });
});

describe("TypeScript snippets", () => {
  test("one that compiles is fine", () => {
    expect(checkTypescript(root, [fenced("ts", 'import { join } from "node:path";', 'console.log(join("a", "b"));')])).toEqual([]);
  });

  test("one that does not compile is reported at its line of the page", () => {
    const problems = checkTypescript(root, [fenced("ts", "const count: number = 1;", 'const name: string = count;', "await name;")]);
    expect(problems).toEqual([{ path: "PAGE.md", line: 4, message: "Type 'number' is not assignable to type 'string'." }]);
  });
});

describe("GraphQL snippets", () => {
  const contract = `
    type Query { user(id: ID!): User }
    type User { id: ID!, name: String! }
    enum Kind { ONE TWO }
    union Outcome = User`;
  const check = (...lines: string[]) => checkGraphql(contract, [fenced("graphql", ...lines)]).map(({ line, message }) => `${line}: ${message}`);

  test("operations and excerpts that the contract knows are fine", () => {
    expect(check("query ($id: ID!) { user(id: $id) { name } }")).toEqual([]);
    expect(check("type Query { user(id: ID!): User }", "enum Kind { TWO }", "union Outcome = User")).toEqual([]);
  });

  test.each([
    ["query {", '  user(id: "1") { surname }', "}", '4: Cannot query field "surname" on type "User". Did you mean "name"?'],
    ["type User {", "  name: String", "}", "3: User has no such member in the contract: name: String"],
    ["type Query {", "  user: User", "}", "3: Query has no such member in the contract: user: User"],
    ["", "enum Kind { THREE }", "", "4: Kind has no such member in the contract: THREE"],
    ["", "", "scalar Moment", "5: the contract has no type Moment"],
    ["query {", "", "", "5: Syntax Error: Expected Name, found <EOF>."],
  ])("%s %s %s", (first, second, third, problem) => {
    expect(check(first, second, third)).toEqual([problem]);
  });
});

describe("links and citations", () => {
  const messages = (...lines: string[]) => checkLinks(root, [page(...lines)]).map(({ line, message }) => `${line}: ${message}`);

  test("files, headings and other sites are fine", () => {
    expect(messages("# Its `own` heading", "[a](package.json) [b](#its-own-heading) [c](https://example.org/x) `[d](nowhere.md)`")).toEqual([]);
  });

  test.each([
    ["[a](nowhere.md)", "2: leads nowhere: nowhere.md"],
    ["[a](../outside.md)", "2: leads nowhere: ../outside.md"],
    ["[a](#nothing)", "2: PAGE.md has no heading #nothing"],
    ["[a]: nowhere.md", "2: leads nowhere: nowhere.md"],
  ])("%s", (line, problem) => {
    expect(messages("# A page", line)).toEqual([problem]);
  });

  test("a cited section exists", () => {
    // Put together here: this file is held to its citations too.
    const [two, three, other] = ["PAGE.md §" + "2", "PAGE.md §" + "3", "OTHER.md §" + "1"];
    const files = new Map([["src/a.ts", `// ${two}\n// ${three}, ${other}`]]);
    expect(checkCitations([page("## 2. Second")], files).map(({ line, message }) => `${line}: ${message}`)).toEqual([
      `2: cites ${three}, which does not exist`,
      `2: cites ${other}, which does not exist`,
    ]);
  });
});

describe("names", () => {
  const sources = new Map([["src/server/config/env.ts", 'read("PEERBRAIN_PORT")']]);
  const messages = (...lines: string[]) => checkNames({ root, npmScripts: ["test", "law"], sources }, [page(...lines)]).map(({ line, message }) => `${line}: ${message}`);

  test("what exists may be named, and what the relay reads must be", () => {
    expect(messages("`PEERBRAIN_PORT`, `npm run law`, `src/protocol`", "```sh", "PEERBRAIN_PORT=1 npm test", "```")).toEqual([]);
    expect(messages("nothing")).toEqual(["1: no page describes this variable: PEERBRAIN_PORT"]);
  });

  test.each([
    ["PEERBRAIN_PORTS", "no code reads this variable: PEERBRAIN_PORTS"],
    ["npm run lawn", "package.json has no such script: lawn"],
    ["npm start", "package.json has no such script: start"],
    ["`src/nowhere.ts`", "no such path: src/nowhere.ts"],
  ])("%s", (text, problem) => {
    expect(messages("PEERBRAIN_PORT", text)).toEqual([`2: ${problem}`]);
    expect(messages("PEERBRAIN_PORT", "```sh", text, "```")).toEqual([`3: ${problem}`]);
  });
});
