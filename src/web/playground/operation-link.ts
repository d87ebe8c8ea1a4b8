const NAME = "operation";
const MAX_CHARACTERS = 10_000;
/** What could make a text look like another one. */
const HIDDEN = /[^\P{C}\n\t]/u;

/** A fragment that opens an operation. It carries the text alone: variables and headers may hold what is nobody's business. */
export function encodeOperationLink(operation: string): string {
  return `#${NAME}=${encodeURIComponent(operation)}`;
}

/** The operation that a fragment carries, or undefined: of none, of one that is too long, and of one that hides characters. */
export function parseOperationLink(fragment: string): string | undefined {
  if (!fragment.startsWith(`#${NAME}=`) || fragment.length > 3 * MAX_CHARACTERS) return undefined;
  try {
    const operation = decodeURIComponent(fragment.slice(NAME.length + 2));
    return operation.trim() === "" || operation.length > MAX_CHARACTERS || HIDDEN.test(operation) ? undefined : operation;
  } catch {
    return undefined;
  }
}
