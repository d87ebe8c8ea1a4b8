import type { JSX } from "react";
import type { ReadEntry } from "./worker-calls.ts";

type Check = ReadEntry["checks"][number];

const CHECKS: Record<Check["name"], [string, string]> = {
  signature: ["Signature", "Signed with the author’s identity key that was in force at this place."],
  chain: ["Hash chain", "Names the entry before it by its hash, and is named by the one behind it."],
  epoch: ["Epoch", "Belongs to the epoch that was in force at this place."],
  payload: ["Payload", "The sealed bytes are those that the signature covers."],
  receipt: ["Receipt", "The relay has signed that it stored this entry at this place."],
  key: ["Key", "The key is the one that the author committed to when the epoch began: the same for all friends."],
  seal: ["Seal", "The key opened it (XChaCha20-Poly1305), bound to this author and place."],
  answer: ["Answer", "What the answer beside this shows is what the author signed."],
};

/** One badge per check; pointing at one says what was checked. */
export function CheckBadges({ checks }: { checks: readonly Check[] }): JSX.Element {
  return (
    <ul className="checks" aria-label="Checks">
      {checks.map(({ name, holds }) => (
        <li key={name} className={holds ? "holds" : "fails"} title={CHECKS[name][1]} data-check={name}>
          <span aria-hidden="true">{holds ? "✓" : "✗"}</span> {CHECKS[name][0]}
          {!holds && " failed"}
        </li>
      ))}
    </ul>
  );
}
