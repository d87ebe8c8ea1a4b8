import type { GraphiQLPlugin } from "@graphiql/react";
import type { JSX } from "react";
import { RecoveryCode } from "./recovery-code.tsx";
import { useSignIn } from "./sign-in-context.ts";
import { SignInForm } from "./sign-in-form.tsx";
import type { SignInState } from "./sign-in.ts";
import { WhatShowsHere } from "./what-shows-here.tsx";

/** The panel beside the documentation and the history. */
export const SIGN_IN_PLUGIN: GraphiQLPlugin = { title: "Sign in", icon: PersonIcon, content: SignInPanel };

function SignInPanel(): JSX.Element {
  const { state } = useSignIn();
  return (
    <div className="side-panel sign-in-panel">
      <Step {...state} />
      <WhatShowsHere />
    </div>
  );
}

function Step({ username, recoveryCode }: SignInState): JSX.Element {
  if (username === undefined) return <SignInForm />;
  return recoveryCode === undefined ? <OpenSession username={username} /> : <RecoveryCode code={recoveryCode} />;
}

function OpenSession({ username }: { username: string }): JSX.Element {
  return (
    <section>
      <h2>Signed in as {username}</h2>
      <p>
        Every operation carries your access token: as <code>Authorization: Bearer</code> over HTTP, as <code>accessToken</code> in{" "}
        <code>connection_init</code> over the WebSocket. It is renewed by itself.
      </p>
    </section>
  );
}

function PersonIcon(): JSX.Element {
  return (
    <svg viewBox="0 0 24 24" width="1em" height="1em" fill="none" stroke="currentColor" strokeWidth="1.5" aria-hidden="true">
      <circle cx="12" cy="8" r="4" />
      <path d="M4.5 20.5c1.2-4 4-6 7.5-6s6.3 2 7.5 6" strokeLinecap="round" />
    </svg>
  );
}
