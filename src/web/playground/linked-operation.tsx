import { pick, useGraphiQL, useGraphiQLActions } from "@graphiql/react";
import { useEffect } from "react";
import { EXAMPLE_OPERATIONS } from "./example-operations.ts";
import { parseOperationLink } from "./operation-link.ts";

const WARNING = "# From a link. Read it before you run it: it runs as you.\n";

/** Opens what the address's fragment carries, in a tab of its own, and never runs it. */
export function LinkedOperation(): null {
  const { tabs, queryEditor, variableEditor, headerEditor } = useGraphiQL(pick("tabs", "queryEditor", "variableEditor", "headerEditor"));
  const { addTab, changeTab, stop } = useGraphiQLActions();

  useEffect(() => {
    if (!queryEditor) return undefined;
    const open = (): void => {
      const linked = parseOperationLink(location.hash);
      if (linked === undefined) return;
      // The same link opens again when it is used again.
      history.replaceState(null, "", location.pathname);
      const query = isExample(linked) || linked.startsWith(WARNING) ? linked : WARNING + linked;
      const known = tabs.findIndex((tab) => tab.query === query);
      if (known >= 0) return changeTab(known);
      stop();
      addTab();
      queryEditor.setValue(query);
      variableEditor?.setValue("");
      headerEditor?.setValue("");
    };
    open();
    addEventListener("hashchange", open);
    return () => removeEventListener("hashchange", open);
  }, [tabs, queryEditor, variableEditor, headerEditor, addTab, changeTab, stop]);
  return null;
}

function isExample(operation: string): boolean {
  return EXAMPLE_OPERATIONS.some(({ query }) => query === operation);
}
