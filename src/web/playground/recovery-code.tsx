import { type JSX, useState } from "react";

/** Shows the recovery code, once: it is kept nowhere. */
export function RecoveryCode({ code, onKept }: { code: string; onKept(): void }): JSX.Element {
  const [isCopied, setIsCopied] = useState(false);
  const copy = (): void => {
    navigator.clipboard.writeText(code).then(
      () => setIsCopied(true),
      () => undefined,
    );
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
        <button type="button" onClick={onKept}>
          I have written it down
        </button>
        <button type="button" className="quiet" onClick={copy}>
          {isCopied ? "Copied" : "Copy"}
        </button>
      </div>
    </section>
  );
}
