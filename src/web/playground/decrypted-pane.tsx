import { pick, useGraphiQL } from "@graphiql/react";
import { type JSX, useEffect, useState } from "react";
import { EntryCard } from "./entry-card.tsx";
import { useReadingsPlace, useReadRun } from "./readings-context.ts";
import type { ReadRun } from "./readings.ts";
import { useSignIn } from "./sign-in-context.ts";
import type { Reading } from "./worker-calls.ts";

/** Beside the answer of the tab in front: its entries as their reader sees them, and as the operator does. */
export function DecryptedPane(): JSX.Element {
  const tab = useTabInFront();
  const { state } = useSignIn();
  const run = useReadRun(tab);
  const [isOperator, setIsOperator] = useState(false);
  return (
    <section className={isOperator ? "decrypted-pane as-operator" : "decrypted-pane"} aria-label="Decrypted">
      <header>
        <h2>Decrypted</h2>
        {run?.isLive && <span className="live">live</span>}
        <button type="button" role="switch" aria-checked={isOperator} className="operator-switch" onClick={() => setIsOperator(!isOperator)}>
          <span className="knob" aria-hidden="true" />
          What the operator sees
        </button>
      </header>
      {state.warning !== undefined && (
        <p role="alert" className="warning">
          {state.warning}
        </p>
      )}
      {isOperator && <p className="hint">The relay has the answer beside this, and a row for each entry. There is no key among it, and no word that somebody wrote.</p>}
      <Entries run={run} isSignedIn={state.username !== undefined} isOperator={isOperator} />
    </section>
  );
}

function Entries({ run, isSignedIn, isOperator }: { run: ReadRun | undefined; isSignedIn: boolean; isOperator: boolean }): JSX.Element {
  const { readings = [], problem } = run ?? {};
  if (problem !== undefined) return <p className="warning">{problem}</p>;
  if (readings.length === 0) return <p className="hint">{invitation(run, isSignedIn)}</p>;
  return (
    <ol>
      {readings.map((reading, index) => (
        <li key={keyOf(reading) ?? index}>
          {reading.kind === "read" ? <EntryCard entry={reading} isOperator={isOperator} /> : <p className="hint">A sealed entry. {reading.reason}</p>}
        </li>
      ))}
    </ol>
  );
}

function invitation(run: ReadRun | undefined, isSignedIn: boolean): string {
  if (!isSignedIn) return "Sign in: what your keys open appears here, beside the answer of the relay.";
  if (run?.isLive) return "Listening. A friend’s thought appears here as it is written.";
  if (run === undefined) return "Run an operation: the thoughts in its answer appear here, opened with your keys.";
  return "There is no thought in this answer.";
}

function keyOf(reading: Reading): string | undefined {
  return reading.kind === "read" ? reading.id : undefined;
}

function useTabInFront(): string {
  const { tabs, activeTabIndex } = useGraphiQL(pick("tabs", "activeTabIndex"));
  const { readings } = useReadingsPlace();
  const tab = tabs[activeTabIndex]?.id ?? "";
  useEffect(() => readings.show(tab), [readings, tab]);
  return tab;
}
