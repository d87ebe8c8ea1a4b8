import { useGraphiQLActions } from "@graphiql/react";
import { type JSX, useState } from "react";
import { EXAMPLES_PLUGIN } from "./examples-panel.tsx";
import { useSignIn } from "./sign-in-context.ts";

/** Shows the recovery code until it is written down, and never again. */
export function RecoveryCode({ code }: { code: string }): JSX.Element {
  const { signIn } = useSignIn();
  const { setVisiblePlugin } = useGraphiQLActions();
  const [isCopied, setIsCopied] = useState(false);
  const copy = (): void => {
    navigator.clipboard.writeText(code).then(
      () => setIsCopied(true),
      () => undefined,
    );
  };
  const goOn = (): void => {
    signIn.forgetRecoveryCode();
    setVisiblePlugin(EXAMPLES_PLUGIN);
  };
  return (
    <section>
      <h2>Write down your recovery code</h2>
      <output className="recovery-code" aria-label="Recovery code">
        {code}
      </output>
      <p>
        It is shown this once. If you forget your password, this code brings everything back. Without password <em>and</em> code nobody can help, the
        people who run this relay included.
      </p>
      <div className="buttons">
        <button type="button" onClick={goOn}>
          I have written it down
        </button>
        <button type="button" className="quiet" onClick={copy}>
          {isCopied ? "Copied" : "Copy"}
        </button>
      </div>
    </section>
  );
}
