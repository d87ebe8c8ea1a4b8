import type { Rule } from "../../vectors/rules/rule.ts";

/** Why no attack gets to a rule, by its name. A rule that is listed here and shown nevertheless fails the proof. */
const reasons: Record<string, string> = {
  "§3 TOMBSTONE: is one": "a relay takes a tombstone for what has its type; and no entry of another type can have a payload of 32 bytes",
  "§3 TOMBSTONE: of what it names": "a relay looks the target up by the very hash that the tombstone names, and clients by that of the thought that is missing",
  "§3 TOMBSTONE: of the author's own": "a relay looks among the author's own entries, and a client in the author's chain; a hash holds its author",
  "§3 TOMBSTONE: of an earlier one": "an entry holds the hash of the one before it: whoever names one that comes later has found a collision",
  "archive: a head of 147 bytes": "a reader takes exactly so many bytes off a file, and a shorter one ends there with the same code",
  "§3 THOUGHT: nothing else holds a text": "no payload of another type can have the length of a sealed text, and clients open nothing but thoughts",
};

/** The reason why attacks cannot show this rule and the vectors have to, if there is one. */
export function whyOutOfReach({ name }: Rule): string | undefined {
  return reasons[name];
}
