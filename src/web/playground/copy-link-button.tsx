import { pick, ToolbarButton, useGraphiQL } from "@graphiql/react";
import { type JSX, useState } from "react";
import { encodeOperationLink } from "./operation-link.ts";

/** Copies a link that opens this operation in somebody else's playground, without its variables. */
export function CopyLinkButton(): JSX.Element {
  const { queryEditor } = useGraphiQL(pick("queryEditor"));
  const [isCopied, setIsCopied] = useState(false);
  const copy = (): void => {
    const link = location.origin + location.pathname + encodeOperationLink(queryEditor?.getValue() ?? "");
    navigator.clipboard.writeText(link).then(
      () => setIsCopied(true),
      () => undefined,
    );
  };
  return (
    <ToolbarButton label={isCopied ? "Link copied" : "Copy link (without variables)"} onClick={copy}>
      <svg viewBox="0 0 24 24" className="graphiql-toolbar-icon" fill="none" stroke="currentColor" strokeWidth="1.7" strokeLinecap="round" aria-hidden="true">
        <path d="M10 14a4 4 0 0 0 5.7 0l3.2-3.2a4 4 0 0 0-5.7-5.7L12 6.3" />
        <path d="M14 10a4 4 0 0 0-5.7 0l-3.2 3.2a4 4 0 0 0 5.7 5.7L12 17.7" />
      </svg>
    </ToolbarButton>
  );
}
