import { encodeBase64url } from "../../protocol/index.ts";
import { GRAPHQL_PATH } from "../http.ts";
import { type Answer, askAddress } from "./ask-address.ts";

export interface RelayAnswer extends Answer {
  /** Whose relay answers: the one with these keys, another one, or something that is no relay. */
  whose: "this" | "other" | "none";
}

const QUESTION = JSON.stringify({ query: "{ relay { receiptKey } }" });

/** Asks whoever answers at this address for the key by which clients know a relay. Throws Node's error when nobody does. */
export async function askRelay(publicUrl: string, receiptKey: Uint8Array | undefined): Promise<RelayAnswer> {
  const answer = await askAddress(`${publicUrl}${GRAPHQL_PATH}`, QUESTION);
  const told = readReceiptKey(answer.text);
  const isThis = receiptKey !== undefined && told === encodeBase64url(receiptKey);
  return { ...answer, whose: told === undefined ? "none" : isThis ? "this" : "other" };
}

function readReceiptKey(text: string): string | undefined {
  try {
    const { data } = JSON.parse(text) as { data?: { relay?: { receiptKey?: unknown } } };
    const key = data?.relay?.receiptKey;
    return typeof key === "string" ? key : undefined;
  } catch {
    return undefined;
  }
}
