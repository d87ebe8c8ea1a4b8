import { createContext, useContext, useSyncExternalStore } from "react";
import type { SignIn, SignInState } from "./sign-in.ts";

/** Hands the page's sign-in to the panel and the header. */
export const SignInContext = createContext<SignIn | undefined>(undefined);

export function useSignIn(): { signIn: SignIn; state: SignInState } {
  const signIn = useContext(SignInContext);
  if (!signIn) throw new Error("There is no SignInContext around this component.");
  return { signIn, state: useSyncExternalStore(signIn.subscribe, signIn.state) };
}
