import type { Browser, BrowserContext, Page } from "playwright-core";
import { encodeOperationLink } from "../../../src/web/playground/operation-link.ts";
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
  untilSignedIn(username: string): Promise<void>;
  /** Opens an example from the panel and runs it. */
  run(example: string): Promise<void>;
  /** Opens an operation by a link. */
  open(operation: string): Promise<void>;
  /** Runs what is in front. */
  execute(): Promise<void>;
  /** From now on; returns all that workers have said to the page since. */
  listenToWorkers(): Promise<() => Promise<string>>;
  /** What the Decrypted pane shows as text, one line for each. */
  texts(): Promise<string[]>;
  /** What stands in the field of answers. */
  answer(): Promise<Json>;
  close(): Promise<void>;
}

export async function openPlayground(browser: Browser, origin: string, look: { colorScheme?: "light" | "dark"; width?: number; height?: number } = {}): Promise<PlaygroundPage> {
  const { colorScheme = "light", width = 1280, height = 800 } = look;
  const context = await browser.newContext({ colorScheme, viewport: { width, height } });
  const page = await context.newPage();
  const watched = watch(context, page);
  const untilReady = async (): Promise<void> => {
    await page.getByRole("button", { name: "Execute query" }).waitFor();
    // The editor is there when its first line is.
    await page.locator(".graphiql-query-editor .view-line").first().waitFor();
  };
  const execute = (): Promise<void> => page.getByRole("button", { name: /^Execute query/ }).click();
  await page.goto(`${origin}/playground`);
  await untilReady();

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
      const panel = page.locator(".page-status").getByRole("button", { name: "Sign in" });
      if (!(await page.getByLabel("User name").isVisible())) await panel.click();
      await fillIn(username, password);
      await submit("Sign in");
    },
    untilSignedIn: (username) => page.locator(".page-status strong").getByText(username, { exact: true }).waitFor(),
    async run(example) {
      const panel = page.getByRole("button", { name: "Show Examples" });
      if (await panel.isVisible()) await panel.click();
      await page.getByRole("link", { name: example, exact: true }).click();
      await page.getByRole("tab", { name: example, selected: true }).waitFor();
      await execute();
    },
    async open(operation) {
      const name = /(?:query|mutation|subscription) (\w+)/.exec(operation)?.[1] ?? "";
      await page.evaluate((fragment) => void (location.hash = fragment), encodeOperationLink(operation));
      await page.getByRole("tab", { name, selected: true }).waitFor();
    },
    execute,
    async listenToWorkers() {
      await context.addInitScript(recordWorkers);
      await page.reload();
      await untilReady();
      return () => page.evaluate(() => (globalThis as unknown as { workersSaid: string[] }).workersSaid.join("\n"));
    },
    texts: () => page.locator(".decrypted-pane .text").allInnerTexts(),
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

// Runs in the page before its own scripts.
function recordWorkers(): void {
  const said: string[] = [];
  Object.assign(globalThis, {
    workersSaid: said,
    Worker: class extends Worker {
      constructor(...args: ConstructorParameters<typeof Worker>) {
        super(...args);
        this.addEventListener("message", ({ data }) => said.push(JSON.stringify(data)));
      }
    },
  });
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
