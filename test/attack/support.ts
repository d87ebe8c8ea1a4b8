import { createWorld, type World } from "../scenario/support.ts";

/** What a hostile relay makes of an honest answer; the answer's data is changed in place. */
export type Tamper = (data: Answer) => void;
// Answers differ by operation, and a relay that lies keeps to no type.
export type Answer = Record<string, unknown>;

/** A fetch that reaches the real relay, whose answers pass through a hand that may change them. */
export interface HostileRelay {
  fetch: typeof fetch;
  /** From now on answers that hold this root field are changed. */
  tamper(field: string, change: Tamper): void;
  /** From now on the relay is honest. */
  reform(): void;
  /** All that left the client. */
  sent(): string;
}

export function createHostileRelay(): HostileRelay {
  const tampers = new Map<string, Tamper>();
  const sent: string[] = [];
  return {
    async fetch(input, init) {
      const request = new Request(input, init);
      sent.push(await request.clone().text());
      const response = await fetch(request);
      const answer = (await response.json()) as { data?: Answer };
      for (const [field, change] of tampers) if (answer.data && field in answer.data) change(answer.data);
      return new Response(JSON.stringify(answer), { status: response.status, headers: { "content-type": "application/json" } });
    },
    tamper: (field, change) => void tampers.set(field, change),
    reform: () => tampers.clear(),
    sent: () => sent.join("\n"),
  };
}

/** Walks into an answer: at(data, "chain", "nodes"). */
export function at<T = Answer>(data: Answer, ...path: string[]): T {
  return path.reduce<unknown>((value, key) => (value as Answer)[key], data) as T;
}

/** Base64url with one bit of one byte turned over. */
export function flip(text: string, byte: number): string {
  const bytes = Buffer.from(text, "base64url");
  bytes[byte < 0 ? bytes.length + byte : byte]! ^= 1;
  return bytes.toString("base64url");
}

export { createWorld, type World };
