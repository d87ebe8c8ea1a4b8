import type { Rule } from "../../vectors/rules/rule.ts";

/** Why no attack through a client gets to a rule, by the beginning of its name. */
const reasons: [beginning: string, why: string][] = [
  ["§2 safety number", "two people compute it from what they pinned; the relay has no part in it"],
  ["§2 link", "a person brings it by a way that the relay has no hand in, and what it misspells leads nowhere"],
  ["§6 manifest", "a device of the user signs it; whatever others make of it fails at the signature"],
  ["§6 friends", "a device of the user seals it; whatever others make of it does not open"],
  ["§6 settings", "a device of the user seals it; whatever others make of it does not open"],
  ["§6 item", "a device of the user seals it; whatever others make of it does not open"],
  ["§6 recovery code", "it is typed on the device and never comes from outside"],
  ["§6 opening: the published", "it needs a vault whose seeds contradict its card, and only the user's own device seals one"],
  ["§6 opening: no item of a later version", "it needs a manifest that only the user's own device signs"],
  ["§3 TOMBSTONE: is one", "no client calls it: a tombstone of anything but a thought has no effect"],
  ["§3 TOMBSTONE: of", "no client calls it: a tombstone of anything but a thought has no effect"],
  ["§5 answer: who asked does not", "nobody would be told: an answer by oneself needs one's own signature"],
  ["§3 body: at most 8 observations", "nothing reads observations yet"],
];

/** The reason why attacks cannot show this rule and the vectors have to, if there is one. */
export function whyOutOfReach({ name, computes }: Rule): string | undefined {
  const known = reasons.find(([beginning]) => name.startsWith(beginning));
  if (known) return known[1];
  return computes ? "it changes what is computed, for writers and readers alike" : undefined;
}
