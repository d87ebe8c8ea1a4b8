import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { startRelayProcess } from "../demo/relay-process.ts";
import { Account } from "../src/client/index.ts";
import { findBrowser, launchBrowser } from "../test/web/support/browser.ts";
import { openPlayground, type PlaygroundPage } from "../test/web/support/playground-page.ts";
import { root } from "./run.ts";
import { takeTerminal } from "./screenshots/terminal.ts";

/** Makes the pictures of README.md anew: real people on a throw-away relay, in a real browser. */
const FOLDER = join(root, "docs/images");
const PASSWORD = "a password for pictures";
const STORIES: Record<string, string[]> = {
  bob: ["Back from the mountains. The hut at the lake is open again!", "Dinner on Friday at our place? Carol is coming too."],
  carol: ["I am bringing the cake."],
};

interface Picture {
  file: string;
  look: NonNullable<Parameters<typeof openPlayground>[2]>;
  /** Leads from the opened page to what is shown. */
  arrange(playground: PlaygroundPage): Promise<void>;
}

const PICTURES: Picture[] = [
  { file: "playground-decrypted.png", look: { colorScheme: "light", width: 1280, height: 680 }, arrange: showFeed },
  { file: "playground-operator.png", look: { colorScheme: "dark", width: 1280, height: 680 }, arrange: showOperator },
];

const executable = findBrowser();
if (executable === undefined) throw new Error("There is no Chromium on the path.");
await mkdir(FOLDER, { recursive: true });
const relay = await startRelayProcess();
const browser = await launchBrowser(executable);
try {
  await tellStories(relay.url);
  for (const picture of PICTURES) await take(browser, relay.url, picture);
  await takeTerminal(browser, relay.url, PASSWORD, join(FOLDER, "terminal.png"));
  console.log("written: docs/images/terminal.png");
} finally {
  await browser.close();
  await relay.stop();
}

async function tellStories(url: string): Promise<void> {
  const register = async (username: string): Promise<Account> => (await Account.register({ relay: url, username, password: PASSWORD, deviceName: "phone" })).account;
  const alice = await register("alice");
  for (const [username, texts] of Object.entries(STORIES)) {
    const friend = await register(username);
    // Bob is verified by the link that he gave; Carol was found by name.
    await alice.friends.request(username === "bob" ? { link: friend.friends.inviteLink() } : username);
    await friend.friends.accept("alice");
    for (const text of texts) await friend.thoughts.write(text);
    await friend.close();
  }
  await alice.close();
}

async function take(browser: Browser, url: string, { file, look, arrange }: Picture): Promise<void> {
  const playground = await openPlayground(browser, url, look);
  await playground.signIn("alice", PASSWORD);
  await playground.page.getByRole("heading", { name: "Examples" }).waitFor();
  await arrange(playground);
  const path = join(FOLDER, file);
  await playground.page.screenshot({ path, animations: "disabled" });
  console.log(`written: docs/images/${file}`);
  await playground.close();
}

async function showFeed({ page, run }: PlaygroundPage): Promise<void> {
  await run("Feed");
  await page.locator(".entry-card .text").last().waitFor();
  await page.getByRole("button", { name: "Hide Examples" }).click();
}

async function showOperator(playground: PlaygroundPage): Promise<void> {
  await showFeed(playground);
  await playground.page.getByRole("switch", { name: "What the operator sees" }).click();
  await playground.page.locator('[data-column="payload"]').first().waitFor();
}
