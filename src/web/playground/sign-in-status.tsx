import { useGraphiQLActions } from "@graphiql/react";
import type { JSX } from "react";
import { useSignIn } from "./sign-in-context.ts";
import { SIGN_IN_PLUGIN } from "./sign-in-panel.tsx";

/** Who is signed in, always in sight, and the way to the panel. */
export function SignInStatus(): JSX.Element {
  const { state } = useSignIn();
  const { setVisiblePlugin } = useGraphiQLActions();
  const open = (): void => setVisiblePlugin(SIGN_IN_PLUGIN);
  if (state.username === undefined) {
    return (
      <>
        <span>Nobody is signed in</span>
        <button type="button" className="quiet" onClick={open}>
          Sign in
        </button>
      </>
    );
  }
  return (
    <>
      <span>
        Signed in as <strong>{state.username}</strong>
      </span>
      <button type="button" className="quiet" onClick={open}>
        Session
      </button>
    </>
  );
}
