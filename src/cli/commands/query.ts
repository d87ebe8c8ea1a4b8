import { readFile } from "node:fs/promises";
import { withAccount } from "../account.ts";
import { CommandError, UsageError } from "../command-error.ts";
import type { Context } from "../context.ts";
import { defineCommand } from "../command.ts";
import { ExitCode } from "../exit-code.ts";

const TIMEOUT_MS = 30_000;

interface Choices {
  file?: string;
  variables?: string;
  operation?: string;
}

export const query = defineCommand<[operation: string | undefined], Choices>({
  name: "query",
  summary: "Run a GraphQL query or mutation with your session",
  details: "Prints the answer as JSON, and ends with 1 when it holds errors.",
  arguments: [["[operation]", "its text; without it, standard input"]],
  options: [
    ["--file <path>", "read the operation from a file"],
    ["--variables <json>", "an object"],
    ["--operation <name>", "which one, if there are several"],
  ],
  examples: [
    ["peerbrain query '{ viewer { user { username } } }'", "from the command line"],
    [`peerbrain query --file users.graphql --variables '{"search":"al"}'`, "from a file"],
    ["peerbrain query < operation.graphql | jq .data", "from and into pipes"],
  ],
  finishesWhenInterrupted: true,
  async run(context, [text], { file, variables, operation }) {
    const { terminal } = context;
    if (text !== undefined && file !== undefined) throw new UsageError("Give either an operation or --file.");
    const body = { query: await operationText(context, text, file), variables: parseVariables(variables), ...(operation !== undefined && { operationName: operation }) };
    return withAccount(context, async (account, { note }) => {
      const answer = await terminal.during("Asking", send(`${note.relay}/graphql`, await account.accessToken(), body));
      terminal.print(JSON.stringify(answer, undefined, terminal.isOutputTerminal ? 2 : undefined));
      return "errors" in answer ? ExitCode.FAILED : ExitCode.DONE;
    });
  },
});

async function operationText({ standardInput, terminal, options }: Context, text: string | undefined, file: string | undefined): Promise<string> {
  if (text !== undefined) return text;
  if (file !== undefined) return readFile(file, "utf8");
  if (terminal.isInteractive || options.passwordStdin) throw new UsageError("Give an operation, --file, or one through standard input.");
  return standardInput.rest();
}

function parseVariables(text = "{}"): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new UsageError("--variables takes a JSON object.");
  }
}

async function send(url: string, accessToken: string, body: object): Promise<object> {
  const headers = { "content-type": "application/json", accept: "application/graphql-response+json", authorization: `Bearer ${accessToken}` };
  try {
    const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(body), signal: AbortSignal.timeout(TIMEOUT_MS) });
    return (await response.json()) as object;
  } catch (cause) {
    throw new CommandError("RELAY_UNREACHABLE", `No answer from ${url}.`, { exitCode: ExitCode.UNREACHABLE, cause });
  }
}
