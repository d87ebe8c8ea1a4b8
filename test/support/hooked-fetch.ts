/** What happens around the first request of an operation. */
export interface Hooks {
  /** Before it is sent. */
  before?: () => unknown;
  /** Once the relay has answered; "lost" throws the answer away. */
  after?: () => unknown;
}

/** A fetch that calls hooks around the first request of each named operation, such as "mutation EndFriendship". */
export function hookedFetch(operations: Record<string, Hooks>): typeof fetch {
  const left = new Map(Object.entries(operations));
  return async (input, init) => {
    const body = init?.body as string;
    const name = [...left.keys()].find((operation) => new RegExp(`${operation}\\b`).test(body));
    const hooks = left.get(name ?? "");
    left.delete(name ?? "");
    if ((await hooks?.before?.()) === "lost") return noAnswer();
    const response = await fetch(input, init);
    return (await hooks?.after?.()) === "lost" ? noAnswer() : response;
  };
}

// Not repeated by the client, as if it had died then.
function noAnswer(): Response {
  return Response.json({ errors: [{ message: "lost", extensions: { code: "INTERNAL" } }] });
}
