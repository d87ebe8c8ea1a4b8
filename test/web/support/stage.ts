import type { Browser } from "playwright-core";
import { expect } from "vitest";
import { Account } from "../../../src/client/index.ts";
import { type RunningRelay, startTestRelay } from "../../support/relay.ts";
import { findBrowser, launchBrowser } from "./browser.ts";
import { createBuiltCheckout } from "./built-checkout.ts";
import { openPlayground, type PlaygroundPage } from "./playground-page.ts";

export const PASSWORD = "a password for the playground";

const executable = findBrowser();
export const hasBrowser = executable !== undefined;
if (!hasBrowser) process.stderr.write("NO BROWSER: there is no Chromium on this machine, so the playground is not tested.\n");

/** Within a time that only a machine without hope exceeds. */
export const eventually = <Seen>(look: () => Seen | Promise<Seen>, interval = 50): ReturnType<typeof expect.poll<Seen>> => expect.poll(look, { interval, timeout: 45_000 });

/** A relay that serves the playground, a browser, and people who use the SDK elsewhere. */
export interface Stage {
  relay: RunningRelay;
  browser: Browser;
  register(username: string): Promise<Account>;
  /** Keeps an account that a test opened by itself, to close it in the end. */
  keep(account: Account): Account;
  open(look?: Parameters<typeof openPlayground>[2]): Promise<PlaygroundPage>;
  close(): Promise<void>;
}

export async function createStage(): Promise<Stage> {
  const checkout = await createBuiltCheckout();
  // Less than the margin in which the client exchanges its token: it does so before every operation.
  const relay = await startTestRelay({ checkoutFolder: checkout.path, limits: { accessTokenSeconds: 20 } });
  const browser = await launchBrowser(String(executable));
  const people: Account[] = [];
  const keep = (account: Account): Account => {
    people.push(account);
    return account;
  };
  return {
    relay,
    browser,
    keep,
    async register(username) {
      return keep((await Account.register({ relay: relay.origin, username, password: PASSWORD, deviceName: "elsewhere" })).account);
    },
    open: (look) => openPlayground(browser, relay.origin, look),
    async close() {
      await browser.close();
      await Promise.all(people.map((person) => person.close()));
      await relay.stop();
      await checkout.remove();
    },
  };
}

/** The page complained of nothing and asked nobody but its relay. */
export function expectQuiet({ complaints, addresses }: PlaygroundPage, { origin }: RunningRelay): void {
  expect(complaints).toEqual([]);
  expect([...new Set(addresses.map((address) => new URL(address).host))]).toEqual([new URL(origin).host]);
}
