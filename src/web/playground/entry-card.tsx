import type { JSX } from "react";
import { CheckBadges } from "./check-badges.tsx";
import { StoredRow } from "./stored-row-table.tsx";
import type { ReadEntry } from "./worker-calls.ts";

const TYPES: Record<ReadEntry["type"], string> = {
  CARD: "An identity card: public keys, signed by themselves.",
  EPOCH: "A new epoch: commitments to a new key, and no key.",
  THOUGHT: "",
  TOMBSTONE: "Withdraws an earlier thought.",
  REVOKE: "Reserved.",
  BEACON: "A sign of life.",
  HEAL: "Names entries that a device of the author gave up.",
};

/** One entry: who wrote what, what was checked, and on demand the operator's side of it. */
export function EntryCard({ entry, isOperator }: { entry: ReadEntry; isOperator: boolean }): JSX.Element {
  const { username, seq, epoch, receivedAtMs, text, note, type } = entry;
  return (
    <article className="entry-card">
      <div className="reader-side">
        {isOperator && <h3>You read</h3>}
        <header>
          <strong>{username}</strong>
          <VerificationBadge {...entry} />
          <span className="place">
            #{seq} · epoch {epoch} · <Time ms={receivedAtMs} />
          </span>
        </header>
        {text !== null && <p className="text">{text}</p>}
        {type !== "THOUGHT" && <p className="note">{TYPES[type]}</p>}
        {note !== undefined && <p className="note">{note}</p>}
        <CheckBadges checks={entry.checks} />
      </div>
      {isOperator && <StoredRow author={entry.author} seq={seq} />}
    </article>
  );
}

function VerificationBadge({ verification }: Pick<ReadEntry, "verification">): JSX.Element {
  const [text, title] = VERIFICATIONS[verification];
  return (
    <span className={`verification ${verification}`} title={title}>
      {text}
    </span>
  );
}

const VERIFICATIONS: Record<ReadEntry["verification"], [string, string]> = {
  verified: ["✓ verified", "You know that this identity card is theirs: safety numbers were compared, an invite link proved it, or it is your own."],
  unverified: ["not verified yet", "The relay says that this identity card is theirs, and the key log holds it. Compare safety numbers to be sure."],
  changed: ["✗ card changed", "This friend has another identity card than the one that you compared. Compare safety numbers again."],
};

function Time({ ms }: { ms: number }): JSX.Element {
  const at = new Date(ms);
  return (
    <time dateTime={at.toISOString()} title={`${at.toLocaleString()}, by the relay’s receipt`}>
      {at.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })}
    </time>
  );
}
