import type { Browser, BrowserContext, Page } from "playwright-core";
import type { Json } from "../../support/graphql.ts";

/** The playground in a fresh browser profile, and everything that a visitor does there. */
export interface PlaygroundPage {
  page: Page;
  /** Addresses of all requests and sockets, of the page and its workers. */
  addresses: string[];
  /** Bodies of what was sent to the API over HTTP, of the page and its workers. */
  operations: string[];
  /** Errors and warnings of the console, uncaught errors, and violations of the content security policy. */
  complaints: string[];
  register(username: string, password: string): Promise<void>;
  signIn(username: string, password: string): Promise<void>;
  /** Runs what the example's tab holds. */
  run(example: string): Promise<void>;
  /** What stands in the field of answers. */
  answer(): Promise<Json>;
  close(): Promise<void>;
}

export async function openPlayground(browser: Browser, origin: string, look: { colorScheme?: "light" | "dark"; width?: number } = {}): Promise<PlaygroundPage> {
  const { colorScheme = "light", width = 1280 } = look;
  const context = await browser.newContext({ colorScheme, viewport: { width, height: 800 } });
  const page = await context.newPage();
  const watched = watch(context, page);
  await page.goto(`${origin}/playground`);
  await page.getByRole("button", { name: "Execute query" }).waitFor();
  // The editor is there when its first line is.
  await page.locator(".graphiql-query-editor .view-line").first().waitFor();

  const fillIn = async (username: string, password: string): Promise<void> => {
    await page.getByLabel("User name").fill(username);
    await page.getByLabel("Password").fill(password);
  };
  const submit = (name: string): Promise<void> => page.locator("form").getByRole("button", { name }).click();

  return {
    page,
    ...watched,
    async register(username, password) {
      await page.getByRole("button", { name: "Register" }).click();
      await fillIn(username, password);
      await submit("Register");
    },
    async signIn(username, password) {
      await fillIn(username, password);
      await submit("Sign in");
    },
    async run(example) {
      await page.getByRole("tab", { name: example }).click();
      await page.getByRole("button", { name: /^Execute query/ }).click();
    },
    answer: () => page.evaluate(readAnswer),
    close: () => context.close(),
  };
}

function watch(context: BrowserContext, page: Page): Pick<PlaygroundPage, "addresses" | "operations" | "complaints"> {
  const addresses: string[] = [];
  const operations: string[] = [];
  const complaints: string[] = [];
  context.on("request", (request) => {
    addresses.push(request.url());
    operations.push(request.postData() ?? "");
  });
  page.on("websocket", (socket) => addresses.push(socket.url()));
  context.on("console", (line) => {
    if (["error", "warning"].includes(line.type())) complaints.push(line.text());
  });
  context.on("weberror", (error) => complaints.push(String(error.error())));
  return { addresses, operations, complaints };
}

// Runs in the page. The editor shows only the lines in sight; its model holds them all.
function readAnswer(): Json {
  interface Editor {
    editor: { getModels(): { uri: { path: string }; getValue(): string }[] };
  }
  const { __MONACO } = globalThis as unknown as { __MONACO: Editor };
  const model = __MONACO.editor.getModels().find(({ uri }) => uri.path.endsWith("response.json"));
  return JSON.parse(model?.getValue() || "null");
}
