import { toHex } from "../hex.ts";
import { person, withNextCard, type Person } from "./material.ts";
import { Topic } from "./topic.ts";

export function buildSafety(): Topic {
  const topic = new Topic("safety", "§2");
  const [alice, bob] = [person("alice"), person("bob")];
  const input = ({ userId, cardHash }: Person) => ({ userId: toHex(userId), cardHash: toHex(cardHash) });
  topic.add("fingerprint", "alice", "ok", "six groups of five digits", input(alice));
  topic.add("fingerprint", "alice-next-card", "ok", "another card of the same person has another fingerprint", input(withNextCard(alice, "alice 2")));
  topic.add("safety-number", "alice-bob", "ok", "both halves in ascending order", { a: input(alice), b: input(bob) });
  topic.add("safety-number", "bob-alice", "ok", "the same on the other side", { a: input(bob), b: input(alice) });
  return topic;
}
