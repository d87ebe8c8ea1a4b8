import type { Notice } from "../client/index.ts";
import { printable } from "./printable.ts";
import type { Terminal } from "./terminal.ts";

/** Tells what nobody may miss, whatever the command, and each of it once. */
export function tellWarnings(terminal: Terminal): (notice: Notice) => void {
  const told = new Set<string>();
  return (notice) => {
    const warning = warningOf(notice);
    if (warning === undefined || told.has(warning)) return;
    told.add(warning);
    terminal.tell(`${terminal.paintNews("yellow", "!")} ${printable(warning)}`);
  };
}

function warningOf(notice: Notice): string | undefined {
  switch (notice.kind) {
    case "alarm":
    case "keyLogAlarm":
    case "problem":
      return notice.text;
    case "cardChanged":
      return `${notice.username} has a new identity card.${notice.wasVerified ? ` Compare safety numbers again: peerbrain verify ${notice.username}` : ""}`;
    case "suspended":
      return `There are two identity cards of ${notice.username} where there can be one: somebody else may hold their old keys. Nothing of them is shown. Compare in person: peerbrain verify ${notice.username}`;
    case "proof":
      return notice.proof.text;
    default:
      return undefined;
  }
}
