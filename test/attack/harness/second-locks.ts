import { edited, type Rule } from "../../vectors/rules/rule.ts";

/** A rule behind another one that refuses the same bytes: alone it is not missed, and without what stands in front of it, it is. */
export interface SecondLock {
  rule: string;
  /** Other rules by their names, and what clients or relays check besides. */
  behind: (string | Rule)[];
  attack: string;
}

const END = "§1 nothing follows the end";
const TAKEN = "§1 nothing is read beyond the end";

const side = edited("the relay's own word on whose step it is", "domain/friends/friendship-policy.ts", 'if (step.by === "either" || step.by === side) return;', "return;");
const healed = edited("the client's use of a HEAL", "client/author-log.ts", "this.#healed.push(...parseHealPayload(entry.payload));", "this.#healed.push();");
const withdrawn = edited("the parser of a tombstone's payload", "protocol/tombstone.ts", 'demand(bytes.length === TOMBSTONE_PAYLOAD_BYTES, "bad-length");', "");
const addressed = edited("that the request is to the own user id", "client/friendship-records.ts", "const isForMe = equalBytes(request.to, own.userId) && ", "const isForMe = ");
const recognised = edited("that a client opens those whose tag it recognises", "client/observations.ts", "equalBytes(one.subarray(0, OBSERVATION_TAG_BYTES), tag)", "tag.length > 0");
const measured = edited("that a client tells two receipts from a fork by their length", "client/proofs.ts", "bytes.length === RECEIPT_CONFLICT_BYTES", "bytes.length < 1_000");
const ownCard = edited("that a client tries the keys of the card that the grant names", "client/friend-chain.ts", "own.all.find(({ cardHash }) => equalBytes(cardHash, recipientCardHash))", "own.all.at(-1)");
const namedEpoch = edited("that a client takes the epoch that the grant names", "client/friend-chain.ts", "this.log.outline.epochs[n]?.payload", "this.log.outline.epochs.at(-1)?.payload");

export const secondLocks: SecondLock[] = [
  { rule: TAKEN, behind: [END], attack: "a manifest cut short" },
  { rule: "§1 CBOR: bounded size", behind: ["§3 THOUGHT: at most 64 k"], attack: "a body larger than any may be, in a bucket that no thought has" },
  { rule: "§1 VER: whatever is wrong does not verify", behind: [TAKEN, END], attack: "a manifest cut short" },
  { rule: "§3 entry: a header of 234 bytes", behind: [TAKEN, "§3 entry: the payload has the length that the header says"], attack: "an entry cut short" },
  { rule: "§3 TOMBSTONE: length", behind: [withdrawn], attack: "a tombstone of half a hash" },
  { rule: "§3 BEACON: length", behind: ["§3 BEACON: the count and nothing more"], attack: "a beacon with bytes behind its observation" },
  { rule: "§3 HEAL: its payload is one", behind: [healed], attack: "a HEAL that counts too few" },
  { rule: "§3 observation: 101 bytes", behind: ["§1 CBOR: a length of bytes", END], attack: "an observation that says more than one does" },
  { rule: "§3 observation: the tag of its place", behind: [recognised], attack: "an observation under another tag" },
  { rule: "§3 conflict: nothing behind it", behind: [measured], attack: "two receipts with a byte behind them" },
  { rule: "§3 walk: from one epoch to the one before", behind: ["§3 EPOCH: the payload says what the header says", "§4 grant: of this epoch"], attack: "an epoch that calls itself by another number in all that its key goes with" },
  { rule: "§3 walk: the key that it starts from", behind: ["§4 grant: the key is the committed one"], attack: "a key that the link to the past goes with, and nothing else" },
  { rule: "§4 grant: to the card whose keys are tried", behind: [ownCard], attack: "a key for a card that is not one's own, sealed to the keys of one's own" },
  { rule: "§4 grant: of this epoch", behind: [namedEpoch], attack: "a key of today, for an epoch that does not exist" },
  { rule: "§5 REQUEST: not to oneself", behind: [addressed], attack: "a request that its maker sent to themselves" },
  { rule: "§5 record: not with oneself", behind: ["§5 answer: to the other of the two"], attack: "an acceptance that its signer sent to themselves" },
  { rule: "§5 answer: by one of the two", behind: ["§5 record: whose it is and by which card"], attack: "an acceptance in somebody else's name" },
  { rule: "§5 answer: who asked does not accept", behind: [side], attack: "an own request, accepted by oneself" },
  { rule: "§5 answer: who asked does not decline", behind: [side], attack: "an own request, declined by oneself in the other one's place" },
  { rule: "§5 answer: who was asked does not confirm", behind: [side], attack: "a friendship confirmed by who was asked" },
  { rule: "§5 answer: who was asked does not cancel", behind: [side], attack: "somebody else's request, taken back by who was asked" },
];
