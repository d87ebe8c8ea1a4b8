import type { Fetcher } from "@graphiql/toolkit";
import { GraphiQL, HISTORY_PLUGIN } from "graphiql";
import { type JSX, useState } from "react";
import { createPortal } from "react-dom";
import { EXAMPLE_OPERATIONS } from "./example-operations.ts";
import { PageHeader } from "./page-header.tsx";
import { SignInContext } from "./sign-in-context.ts";
import { SIGN_IN_PLUGIN } from "./sign-in-panel.tsx";
import type { SignIn } from "./sign-in.ts";
import { SignInStatus } from "./sign-in-status.tsx";

const PLUGINS = [SIGN_IN_PLUGIN, HISTORY_PLUGIN];
const TABS = EXAMPLE_OPERATIONS.map(({ query, variables = "" }) => ({ query, variables, headers: "" }));
const NOTHING_TYPED = "# Type an operation. Ctrl+Space suggests what fits, Ctrl+Enter runs it.\n";

export function Playground({ signIn, fetcher }: { signIn: SignIn; fetcher: Fetcher }): JSX.Element {
  // The status stands in the header and opens a panel of GraphiQL, so it is rendered inside GraphiQL and placed outside.
  const [statusPlace, setStatusPlace] = useState<HTMLElement | null>(null);
  return (
    <SignInContext value={signIn}>
      <PageHeader statusRef={setStatusPlace} />
      <main>
        <GraphiQL
          fetcher={fetcher}
          plugins={PLUGINS}
          visiblePlugin={SIGN_IN_PLUGIN}
          defaultTabs={TABS}
          defaultQuery={NOTHING_TYPED}
          defaultEditorToolsVisibility={false}
          shouldPersistHeaders={false}
          inputValueDeprecation
          schemaDescription
        >
          <GraphiQL.Logo>{null}</GraphiQL.Logo>
          {statusPlace && createPortal(<SignInStatus />, statusPlace)}
        </GraphiQL>
      </main>
    </SignInContext>
  );
}
