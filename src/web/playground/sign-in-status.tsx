import { useGraphiQLActions } from "@graphiql/react";
import { type JSX, useEffect, useRef } from "react";
import { useSignIn } from "./sign-in-context.ts";
import { SIGN_IN_PLUGIN } from "./sign-in-panel.tsx";

/** Who is signed in, always in sight, with the next step. */
export function SignInStatus(): JSX.Element {
  const { signIn, state } = useSignIn();
  const { setVisiblePlugin } = useGraphiQLActions();
  const openPanel = (): void => setVisiblePlugin(SIGN_IN_PLUGIN);
  const { username, recoveryCode } = state;
  useWarningBeforeLeaving(recoveryCode !== undefined);
  useWhenSignedOut(username, openPanel);

  if (username === undefined) return <Step text="Nobody is signed in" label="Sign in" onClick={openPanel} />;
  if (recoveryCode !== undefined) return <Step text="Not written down yet:" label="Recovery code" onClick={openPanel} />;
  return <Step text="Signed in as" username={username} label="Sign out" onClick={() => void signIn.logout()} />;
}

function Step(props: { text: string; username?: string; label: string; onClick(): void }): JSX.Element {
  return (
    <>
      <span className="page-status-text">{props.text}</span>
      {props.username !== undefined && <strong>{props.username}</strong>}
      <button type="button" className="quiet" onClick={props.onClick}>
        {props.label}
      </button>
    </>
  );
}

// Whoever was signed out sees why, and how to come back.
function useWhenSignedOut(username: string | undefined, openPanel: () => void): void {
  const before = useRef(username);
  useEffect(() => {
    if (before.current !== undefined && username === undefined) openPanel();
    before.current = username;
  });
}

// Whoever leaves before the code is written down has lost it.
function useWarningBeforeLeaving(isNeeded: boolean): void {
  useEffect(() => {
    if (!isNeeded) return undefined;
    const warn = (event: BeforeUnloadEvent): void => event.preventDefault();
    addEventListener("beforeunload", warn);
    return () => removeEventListener("beforeunload", warn);
  }, [isNeeded]);
}
