import type { Rule } from "../../vectors/rules/rule.ts";

const OWN_DEVICE = "a device of the user signs or seals it; whatever others make of it is refused before";
const TWICE = "what else reads the same bytes refuses them with the same code";
const OTHERS = "no client takes it from a relay or a friend; programs that judge relays do";

/** Why no attack through a client gets to a rule, by the beginning of its name. A rule that is listed here and shown nevertheless fails the proof. */
const reasons: [beginning: string, why: string][] = [
  ["§1 nothing is read beyond the end", "what is read beyond the end is not all that was there: the end itself is demanded, with the same code"],
  ["§1 UTF-8 is valid", "a text that is read as another one is not spelt as it was: CBOR has one spelling"],
  ["§1 CBOR: bounded size", "no bucket of a thought holds more, and no other CBOR comes from others"],
  ["§1 CBOR: no negative numbers", "only items of the vault hold numbers: a device of the user seals them"],
  ["§1 CBOR: a flag is a flag", "only items of the vault hold flags: a device of the user seals them"],
  ["§1 CBOR: one of the known", "only items of the vault hold choices: a device of the user seals them"],
  ["§1 buckets only", "an entry of another length is refused before, and the vault is sealed by a device of the user"],
  ["§1 VER: whatever is wrong does not verify", "what has a wrong length is refused before, and libsodium does not throw for a card that was verified"],
  ["§2 safety number", "two people compute it from what they pinned; the relay has no part in it"],
  ["§2 link", "a person brings it by a way that the relay has no hand in, and what it misspells leads nowhere"],
  ["§3 entry: a header of 234 bytes", "what is taken for a header alone is what has this length"],
  ["§3 TOMBSTONE: length", TWICE],
  ["§3 BEACON: length", TWICE],
  ["§3 HEAL: its payload is one", TWICE],
  ["§3 BEACON: its payload is one", TWICE],
  ["§3 genesis: its card is verified", "the same card is verified again when the chain goes on behind it"],
  ["§3 single: somebody is known to sign", "an outline without a card has no key to verify with: whoever went on would fail at once"],
  ["§3 TOMBSTONE: is one", "no client calls it: a tombstone of anything but a thought has no effect"],
  ["§3 TOMBSTONE: of", "no client calls it: a tombstone of anything but a thought has no effect"],
  ["§3 THOUGHT: nothing else holds a text", "a client opens what is a thought, and nothing else"],
  ["§3 walk: from one epoch to the one before", "a client walks along the numbers of the verified chain, where they are neighbours"],
  ["§3 walk: the key that it starts from", "it was granted, and compared with its epoch then, or the walk before came to it"],
  ["§3 observation: 101 bytes", "what carries observations is refused unless they have this length"],
  ["§3 observation: the tag of its place", "a client opens those whose tag it has recognised"],
  ["§3 conflict: nothing behind it", "a client tells a conflict from a fork by its length"],
  ["§4 grant: to the card whose keys are tried", "a client takes the keys of the very card that the grant names"],
  ["§4 grant: of this epoch", "a client takes the very epoch that the grant names"],
  ["§5 REQUEST: not to oneself", "it is not to the one who reads it, which is refused with the same code"],
  ["§5 record: not with oneself", "it is not with the one who reads it, which is refused with the same code"],
  ["§5 answer: by one of the two", "a client verifies that the other one signed before it asks what the record answers"],
  ["§5 answer: who asked does not", "nobody would be told: an answer by oneself needs one's own signature"],
  ["§5 answer: who was asked does not", "a client waits for records of the types alone that the other side may sign"],
  ["§6 manifest: nothing after the signature", OWN_DEVICE],
  ["§6 manifest: versions begin at 1", OWN_DEVICE],
  ["§6 manifest: items in ascending order", OWN_DEVICE],
  ["§6 manifest: an item has a version", OWN_DEVICE],
  ["§6 manifest: no item of a later version", OWN_DEVICE],
  ["§6 friends", OWN_DEVICE],
  ["§6 settings", OWN_DEVICE],
  ["§6 item: at most 1 MiB", OWN_DEVICE],
  ["§6 item: its key depends on its number", OWN_DEVICE],
  ["§6 recovery code", "it is typed on the device and never comes from outside"],
  ["§6 opening: the published", "it needs a vault whose seeds contradict its card, and only the user's own device seals one"],
  ["§6 opening: an own card is published", "a foreign card is refused before, and only the user's own keys sign another own one"],
  ["§6 opening: no item of a later version", "it needs a manifest that only the user's own device signs"],
  ["§6 opening: the chain contains the vault's head", "the own chain is read up to that place first, and refused where it does not reach it"],
  ["§6 opening: that very head", "the own chain is read up to that place first, and only the user's own keys sign another entry there"],
  ["§7 split proof", OTHERS],
];

/** The reason why attacks cannot show this rule and the vectors have to, if there is one. */
export function whyOutOfReach({ name, computes }: Rule): string | undefined {
  const known = reasons.find(([beginning]) => name.startsWith(beginning));
  if (known) return known[1];
  return computes ? "it is a part of what is computed, and no refusal that could be left out: the vectors pin what comes of it" : undefined;
}
