import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { Account } from "../../src/client/index.ts";
import { CTRL_C, openScreen } from "../../test/cli/pseudo-terminal.ts";
import { root } from "../run.ts";

/** The eight colours of a terminal, and what stands for bright black. */
const COLOURS: Record<string, string> = { 31: "#f7768e", 32: "#9ece6a", 33: "#e0af68", 34: "#7aa2f7", 35: "#bb9af7", 36: "#7dcfff", 37: "#c0caf5", 90: "#737aa2" };
const STYLES: Record<string, string> = { 1: "font-weight: bold", 2: "color: #737aa2", ...Object.fromEntries(Object.entries(COLOURS).map(([code, colour]) => [code, `color: ${colour}`])) };
// The escape character begins what colours a terminal's text.
const SEQUENCE = new RegExp("\\u001b\\[([0-9;]*)[A-Za-z]");

const PAGE_STYLE = `
  body { margin: 0; background: #1a1b26; }
  pre { margin: 0; padding: 28px 32px; color: #c0caf5; font: 15px/1.45 "DejaVu Sans Mono", monospace; white-space: pre-wrap; }`;

/** What Alice sees in her terminal: commands one after the other, and at last the feed as it comes in. */
export async function takeTerminal(browser: Browser, relay: string, password: string, path: string): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), "peerbrain-picture-"));
  const passwordFile = join(home, "password");
  await writeFile(passwordFile, password, { mode: 0o600 });
  const bob = await Account.login({ relay, username: "bob", password });
  const shown: string[] = [];
  const open = (args: string[]) => openScreen(process.execPath, [join(root, "dist/bin.js"), ...args], { PEERBRAIN_HOME: home, PEERBRAIN_RELAY: relay, PEERBRAIN_KEYCHAIN: "off", HOME: home, TZ: "UTC" });
  const run = async (line: string, args: string[]): Promise<void> => {
    const screen = open(args);
    const exitCode = await screen.ended;
    if (exitCode !== 0) throw new Error(`${line} ended with ${exitCode}: ${screen.text}`);
    shown.push(`$ ${line}\n${screen.painted.trimEnd()}`);
  };
  try {
    await run("peerbrain login alice", ["login", "alice", "--keep", "file", "--password-file", passwordFile]);
    shown.length = 0;
    await run("peerbrain friends", ["friends"]);
    await run('peerbrain think "The tomatoes are ripe. Come by!"', ["think", "The tomatoes are ripe. Come by!"]);
    await run("peerbrain search lake", ["search", "lake"]);
    const feed = open(["feed", "--follow"]);
    await feed.see("live");
    const slip = await bob.thoughts.write("Aren't they alwaays the best in late summer?");
    await feed.see("late summer");
    await bob.thoughts.withdraw(slip.id);
    await feed.see(/withdrawn|taken back|took/);
    await bob.thoughts.write("On my way, with bread and olive oil.");
    await feed.see("olive oil");
    shown.push(`$ peerbrain feed --follow\n${feed.painted.trimEnd()}`);
    feed.type(CTRL_C);
    await feed.ended;
    await picture(browser, shown.join("\n\n"), path);
  } finally {
    await bob.close();
    await rm(home, { recursive: true, force: true });
  }
}

async function picture(browser: Browser, text: string, path: string): Promise<void> {
  const page = await browser.newPage({ viewport: { width: 860, height: 200 } });
  await page.setContent(`<!doctype html><meta charset="utf-8"><style>${PAGE_STYLE}</style><pre>${toHtml(text)}</pre>`);
  await page.screenshot({ path, fullPage: true });
  await page.close();
}

/** Every piece of text in the style that the sequences before it have set. */
function toHtml(painted: string): string {
  const [first = "", ...rest] = painted.split(SEQUENCE);
  let codes: string[] = [];
  let html = escapeHtml(first);
  for (let index = 0; index < rest.length; index += 2) {
    codes = nextCodes(codes, (rest[index] ?? "").split(";"));
    const style = codes.flatMap((code) => STYLES[code] ?? []).join("; ");
    html += `<span style="${style}">${escapeHtml(rest[index + 1] ?? "")}</span>`;
  }
  return html;
}

/** 0 resets everything, 22 the weight, 39 the colour. */
function nextCodes(codes: string[], set: string[]): string[] {
  return set.reduce((now, code) => {
    if (code === "0" || code === "") return [];
    if (code === "22") return now.filter((one) => one !== "1" && one !== "2");
    if (code === "39") return now.filter((one) => !(one in COLOURS));
    return [...now, code];
  }, codes);
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
