import type { Account, FeedItem, Notice, ReadThought } from "../client/index.ts";
import type { Context } from "./context.ts";
import { printable, printableLine } from "./printable.ts";
import { idOf, shortId, showAuthor, showThought, thoughtJson } from "./show-thought.ts";
import type { Paint } from "./terminal.ts";

interface Choice {
  /** The only friend to show. */
  author: string | undefined;
  json: boolean;
  /** What stands on the screen already. */
  shown: readonly ReadThought[];
  /** Whether the connection stood before anybody watched it. */
  isConnected: boolean;
}

/** Shows what friends think as it comes in, until Ctrl-C or the end of the session; losing the relay for a while is no end. */
export async function follow(context: Context, account: Account, { author, json, shown, isConnected }: Choice): Promise<void> {
  const { terminal, interrupted } = context;
  const known = new Set(shown.map(({ id }) => idOf(id)));
  const { failed, stop } = watchConnection(context, account, isConnected);
  const close = (): void => void account.close();
  interrupted.addEventListener("abort", close, { once: true });
  if (interrupted.aborted) close();
  try {
    const items = account.feed();
    for (;;) {
      const next = await Promise.race([items.next(), failed]);
      if (next.done) return;
      const item = next.value;
      if (author !== undefined && usernameOf(item) !== author) continue;
      if (item.kind === "thought" && !isNew(item.thought, known)) continue;
      if (json) terminal.printJson(itemJson(item));
      else terminal.print(showItem(item, account.username, terminal.paint));
    }
  } finally {
    stop();
    interrupted.removeEventListener("abort", close);
  }
}

function isNew({ id }: ReadThought, known: Set<string>): boolean {
  const key = idOf(id);
  if (known.has(key)) return false;
  known.add(key);
  return true;
}

/** Tells how the connection is and what happens among friends; fails when the session is over. */
function watchConnection({ terminal }: Context, account: Account, isConnected: boolean): { failed: Promise<never>; stop: () => void } {
  let isLive: boolean | undefined;
  const tellConnection = (isNowLive: boolean): void => {
    if (isLive === isNowLive) return;
    isLive = isNowLive;
    terminal.tell(isLive ? terminal.paintNews("green", "● live") : terminal.paintNews("yellow", "○ the relay is away: trying again until it is back"));
  };
  let stop = (): void => undefined;
  const failed = new Promise<never>((_, reject) => {
    stop = account.onNotice((notice) => {
      const news = newsOf(notice);
      if (notice.kind === "disconnected" && isOver(notice.cause)) reject(notice.cause);
      else if (notice.kind === "connected" || notice.kind === "disconnected") tellConnection(notice.kind === "connected");
      else if (news !== undefined) terminal.tell(`${terminal.paintNews("cyan", "·")} ${printableLine(news)}`);
    });
  });
  // Nobody listens once the feed has ended.
  failed.catch(() => undefined);
  if (isConnected) tellConnection(true);
  return { failed, stop };
}

function isOver(cause: unknown): cause is Error {
  return cause instanceof Error && "code" in cause && cause.code === "SIGNED_OUT";
}

function newsOf(notice: Notice): string | undefined {
  if (notice.kind === "requested") return `${notice.username} asks to become friends: peerbrain accept ${notice.username}`;
  if (notice.kind === "befriended") return `You and ${notice.username} are friends.`;
  return notice.kind === "ended" ? `You and ${notice.username} are not friends any more.` : undefined;
}

function usernameOf(item: FeedItem): string {
  return item.kind === "thought" || item.kind === "edited" ? item.thought.username : item.username;
}

function showItem(item: FeedItem, me: string, paint: Paint): string {
  if (item.kind === "thought" || item.kind === "edited") return showThought(item.thought, me, paint);
  const author = showAuthor(item, me, paint);
  switch (item.kind) {
    case "withdrawn":
      return `${author}  ${paint("dim", `took ${shortId(item.id)} back`)}`;
    case "unreadable":
      return `${author}  ${paint("yellow", `a thought that cannot be read yet: its key is missing (${shortId(item.id)})`)}`;
    case "alarm":
      return `${author}  ${paint("red", printable(item.text))}`;
    case "healed":
      return `${author}  ${paint("green", printable(item.text))}`;
  }
}

/** The documented shape (docs/CLI.md). */
function itemJson(item: FeedItem): object {
  if (item.kind === "thought" || item.kind === "edited") return { kind: item.kind, thought: thoughtJson(item.thought) };
  const { kind, username, verification } = item;
  const about = { kind, username, userId: Buffer.from(item.author).toString("base64url"), verification };
  if (item.kind === "withdrawn" || item.kind === "unreadable") return { ...about, id: idOf(item.id) };
  return { ...about, text: item.text };
}
