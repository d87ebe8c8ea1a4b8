import type { Outcome } from "./outcome.ts";

/** What two people do about their friendship. */
export type FriendshipAct = "request" | "accept" | "decline" | "cancel" | "end";

/** Where two people must stand by what they know of their acts; "open" leaves it to the relay. */
export type Standing = "apart" | "friends" | "open";

const after: Record<FriendshipAct, Standing> = { request: "open", accept: "friends", decline: "apart", cancel: "apart", end: "apart" };

/** The friendship of two people as their acts and the answers to them tell it. Acts that overlap or got no answer leave it open until all is quiet. */
export class PairModel {
  #standing: Standing = "apart";
  #underWay = 0;
  #isUnclear = false;

  get standing(): Standing {
    return this.#isUnclear || this.#underWay > 0 ? "open" : this.#standing;
  }

  /** Begins an act; the answer is told to the function that comes back. */
  begin(act: FriendshipAct): (outcome: Outcome) => void {
    if (this.#underWay > 0) this.#isUnclear = true;
    this.#underWay += 1;
    return (outcome) => {
      this.#underWay -= 1;
      if (outcome === "unknown") this.#isUnclear = true;
      if (outcome === "done") this.#standing = after[act];
    };
  }

  /** All is quiet, and this is what the relay holds. */
  settle(standing: Standing): void {
    this.#isUnclear = false;
    this.#standing = standing;
  }
}
