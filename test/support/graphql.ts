/** Whatever an answer may hold: tests read it as a stranger would. */
export type Json = ReturnType<JSON["parse"]>;

/** An answer as it came over the wire. */
export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  data: Json;
  errors: { message: string; path?: unknown; extensions: Record<string, unknown> }[];
  codes: unknown[];
}

export interface Question {
  query?: string;
  variables?: Record<string, unknown> | undefined;
  operationName?: string;
  token?: string | undefined;
  headers?: Record<string, string>;
  /** Instead of the JSON of query and variables. */
  body?: BodyInit;
}

/** Asks as any stock client does: fetch, and no code of ours. */
export async function ask({ url }: { url: string }, { query, variables, operationName, token, headers, body }: Question): Promise<Answer> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...(token !== undefined && { authorization: `Bearer ${token}` }), ...headers },
    body: body ?? JSON.stringify({ query, variables, operationName }),
  });
  const text = await response.text();
  const { data, errors = [] } = parse(text);
  return { status: response.status, headers: response.headers, text, data, errors, codes: errors.map(({ extensions }) => extensions?.["code"]) };
}

function parse(text: string): { data?: Json; errors?: Answer["errors"] } {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
