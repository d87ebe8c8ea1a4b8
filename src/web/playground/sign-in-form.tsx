import { useGraphiQLActions } from "@graphiql/react";
import { type FormEvent, type JSX, useState } from "react";
import { EXAMPLES_PLUGIN } from "./examples-panel.tsx";
import { useSignIn } from "./sign-in-context.ts";
import type { Credentials } from "./worker-calls.ts";

const MIN_NEW_PASSWORD_LENGTH = 10;

/** Signs somebody in, or registers somebody new. */
export function SignInForm(): JSX.Element {
  const { signIn, state } = useSignIn();
  const [isNew, setIsNew] = useState(false);
  const [isBusy, setIsBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const { setVisiblePlugin } = useGraphiQLActions();

  async function submit(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const credentials = credentialsOf(event.currentTarget);
    setIsBusy(true);
    setProblem(undefined);
    try {
      await (isNew ? signIn.register(credentials) : signIn.login(credentials));
      // Who has just registered writes the recovery code down first.
      if (!isNew) setVisiblePlugin(EXAMPLES_PLUGIN);
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    } finally {
      setIsBusy(false);
    }
  }

  function change(): void {
    setIsNew(!isNew);
    setProblem(undefined);
  }

  return (
    <section>
      <h2>{isNew ? "Register" : "Sign in"}</h2>
      {state.notice !== undefined && !problem && <p className="notice">{state.notice}</p>}
      <form onSubmit={(event) => void submit(event)}>
        <label>
          User name
          <input name="username" autoComplete="username" autoCapitalize="none" spellCheck={false} required minLength={3} maxLength={30} pattern="[a-z0-9_]+" title="a to z, 0 to 9 and underscore" />
        </label>
        <label>
          Password
          <input
            name="password"
            type="password"
            autoComplete={isNew ? "new-password" : "current-password"}
            required
            minLength={isNew ? MIN_NEW_PASSWORD_LENGTH : undefined}
          />
        </label>
        {isNew && <p className="hint">At least {MIN_NEW_PASSWORD_LENGTH} characters. It never leaves this device, so nobody can look it up for you.</p>}
        <button type="submit" disabled={isBusy}>
          {isNew ? "Register" : "Sign in"}
        </button>
        <p role="alert" className="problem">
          {problem}
        </p>
        {isBusy && (
          <p role="status" className="hint">
            Working on your password, on this device…
          </p>
        )}
      </form>
      <p>
        {isNew ? "Registered already?" : "New on this relay?"}{" "}
        <button type="button" className="link" onClick={change} disabled={isBusy}>
          {isNew ? "Sign in" : "Register"}
        </button>
      </p>
    </section>
  );
}

function credentialsOf(form: HTMLFormElement): Credentials {
  const fields = Object.fromEntries(new FormData(form)) as { username: string; password: string };
  return { username: fields.username, password: fields.password };
}
