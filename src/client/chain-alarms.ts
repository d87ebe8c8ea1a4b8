import type { Alarm } from "./events.ts";

/** The chain of a friend that does not verify. */
export function brokenAlarm(author: string, code: string): Alarm {
  return { code, text: `The chain of ${author} does not verify (${code}). Either the relay or ${author} changed it; nothing more of it is shown.` };
}

/** Two signed entries at one place. */
export function forkAlarm(author: string, seq: number): Alarm {
  const text = `${author} signed two different entries for place ${seq}: different friends may have been shown different ones. Nothing more of ${author} is shown until one of their devices explains it. The proof is kept: show it to common friends, and ask ${author} another way.`;
  return { code: "fork", text };
}

/** The entry that an earlier sign-in had read was given up since. */
export function givenUpAlarm(author: string, seq: number): Alarm {
  const text = `What you had read of ${author} up to place ${seq} was given up since: ${author} signed another entry there. Reading goes on with what stands there now. Ask ${author} another way if you have doubts.`;
  return { code: "fork", text };
}

/** Why reading goes on after a fork. */
export function healedText(author: string, wasRead: boolean): string {
  if (!wasRead) return `A device of ${author} explained the second entry: it had given it up, and you never read it. Nothing is wrong with what you read of ${author}.`;
  return `A device of ${author} has given up entries that you had read. Reading goes on without them; that the relay showed them to you and not to others stays an alarm.`;
}

/** A friend has read more of the author than the relay shows here. */
export function withheldAlarm({ author, observer, observed, shown }: { author: string; observer: string; observed: number; shown: number }): Alarm {
  const text = `${observer} has read ${author} up to place ${observed}, and the relay shows you nothing behind place ${shown}. Either it withholds from you what ${author} wrote, or ${observer} is wrong. Ask ${author} another way.`;
  return { code: "withheld", text };
}

/** A friend was shown another entry of the author than this client. */
export function contradictedAlarm({ author, observer, seq }: { author: string; observer: string; seq: number }): Alarm {
  const text = `${observer} was shown another entry of ${author} at place ${seq} than you. Either ${author} and the relay show different chains to different friends, or ${observer} is wrong. Compare with ${observer} what both of you were shown.`;
  return { code: "contradicted", text };
}

/** A friend has read newer entries of one's own than the relay shows. */
export function ownWithheldText({ observer, observed, shown }: { observer: string; observed: number; shown: number }): string {
  return `${observer} has read your own chain up to place ${observed}, and the relay shows you nothing behind place ${shown}. Nothing was written: it would stand where other entries of yours stand. Either the relay withholds your newest entries, or ${observer} is wrong; ask ${observer} another way.`;
}

/** Somebody signed an entry with one's own key that this client does not know. */
export function ownForkText(seq: number): string {
  return `There is another entry in your name at place ${seq}, signed with your key. Another device of yours gave it up without a word, or somebody has your keys. Your client has told your friends that it does not stand.`;
}

/** A friend was shown another entry of one's own. */
export function ownContradictedAlarm({ observer, seq }: { observer: string; seq: number }): Alarm {
  const text = `${observer} was shown another entry in your name at place ${seq} than stands there. Another device of yours signed it, or somebody who has your keys, or ${observer} is wrong.`;
  return { code: "contradicted", text };
}
