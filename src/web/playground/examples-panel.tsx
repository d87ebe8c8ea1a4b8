import type { GraphiQLPlugin } from "@graphiql/react";
import type { JSX } from "react";
import { EXAMPLE_OPERATIONS } from "./example-operations.ts";
import { encodeOperationLink } from "./operation-link.ts";

/** The story of the relay, to be run step by step. */
export const EXAMPLES_PLUGIN: GraphiQLPlugin = { title: "Examples", icon: StepsIcon, content: ExamplesPanel };

function ExamplesPanel(): JSX.Element {
  return (
    <div className="side-panel examples-panel">
      <h2>Examples</h2>
      <p>Open one, run it, and look at both sides: the answer is all that the relay has, and beside it stands what your keys make of it.</p>
      <ol>
        {EXAMPLE_OPERATIONS.map(({ name, story, query }) => (
          <li key={name}>
            <a href={encodeOperationLink(query)}>{name}</a>
            <p>{story}</p>
          </li>
        ))}
      </ol>
    </div>
  );
}

function StepsIcon(): JSX.Element {
  return (
    <svg viewBox="0 0 24 24" width="1em" height="1em" fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" aria-hidden="true">
      <path d="M9 6h11M9 12h11M9 18h11" />
      <circle cx="4.5" cy="6" r="1" />
      <circle cx="4.5" cy="12" r="1" />
      <circle cx="4.5" cy="18" r="1" />
    </svg>
  );
}
