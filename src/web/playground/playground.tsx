import type { Fetcher } from "@graphiql/toolkit";
import { GraphiQL, HISTORY_PLUGIN } from "graphiql";
import { type JSX, useState } from "react";
import { createPortal } from "react-dom";
import { CopyLinkButton } from "./copy-link-button.tsx";
import { DecryptedPane } from "./decrypted-pane.tsx";
import { EXAMPLE_OPERATIONS } from "./example-operations.ts";
import { EXAMPLES_PLUGIN } from "./examples-panel.tsx";
import { LinkedOperation } from "./linked-operation.tsx";
import { PageHeader } from "./page-header.tsx";
import { SIGN_IN_PLUGIN } from "./sign-in-panel.tsx";
import { SignInStatus } from "./sign-in-status.tsx";

const PLUGINS = [SIGN_IN_PLUGIN, EXAMPLES_PLUGIN, HISTORY_PLUGIN];
/** The others are in the panel of examples. */
const FIRST_TABS = 3;
const TABS = EXAMPLE_OPERATIONS.slice(0, FIRST_TABS).map(({ query }) => ({ query, variables: "", headers: "" }));
const NOTHING_TYPED = "# Type an operation. Ctrl+Space suggests what fits, Ctrl+Enter runs it.\n";

export function Playground({ fetcher }: { fetcher: Fetcher }): JSX.Element {
  // The status stands in the header and opens a panel of GraphiQL, so it is rendered inside GraphiQL and placed outside.
  const [statusPlace, setStatusPlace] = useState<HTMLElement | null>(null);
  return (
    <>
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
          <GraphiQL.Toolbar>
            {({ prettify, copy, merge }) => (
              <>
                {prettify}
                {merge}
                {copy}
                <CopyLinkButton />
              </>
            )}
          </GraphiQL.Toolbar>
          <GraphiQL.Footer>
            <DecryptedPane />
          </GraphiQL.Footer>
          {statusPlace && createPortal(<SignInStatus />, statusPlace)}
          <LinkedOperation />
        </GraphiQL>
      </main>
    </>
  );
}
