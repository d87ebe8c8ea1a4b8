/** What somebody who did something knows about it: it happened, it did not, or no answer came. */
export type Outcome = "done" | "refused" | "unknown";
