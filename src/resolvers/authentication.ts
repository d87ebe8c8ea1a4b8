import { DomainError } from "../domain/domain-error.ts";
import type { Viewer } from "../domain/viewer.ts";

/** Root fields that answer without an access token. Every other one is refused, whoever forgets to list it. */
export const PUBLIC_FIELDS: ReadonlySet<string> = new Set([
  "Query.keyLog",
  "Query.relay",
  "Mutation.startRegistration",
  "Mutation.register",
  "Mutation.startLogin",
  "Mutation.finishLogin",
  "Mutation.refreshSession",
  "Mutation.startRecovery",
]);

/** The viewer of a request. @throws DomainError UNAUTHENTICATED when nobody is signed in */
export function requireViewer(context: { readonly viewer: Viewer | undefined }): Viewer {
  if (context.viewer) return context.viewer;
  throw new DomainError("UNAUTHENTICATED", "Sign in first: send a valid access token as Authorization: Bearer.");
}
