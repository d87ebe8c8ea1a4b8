import type { JSX, Ref } from "react";

export function PageHeader({ statusRef }: { statusRef: Ref<HTMLDivElement> }): JSX.Element {
  return (
    <header className="page-header">
      <img src="./icon.svg" alt="" width="28" height="28" />
      <h1>
        PeerBrain <span>playground</span>
      </h1>
      <p>End-to-end encrypted, not yet audited</p>
      <div ref={statusRef} className="page-status" role="status" />
    </header>
  );
}
