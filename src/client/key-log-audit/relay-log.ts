import { parseBase64url, type KeyLogLeaf } from "../../protocol/index.ts";

/** No answer, or one that no relay gives: nothing can be said about the log. */
export class AuditImpossible extends Error {
  override readonly name = "AuditImpossible";
}

/** What a relay shows of its log to everybody. */
export interface ShownLog {
  receiptKey: Uint8Array;
  /** Undefined while the log is empty. */
  checkpoint: Uint8Array | undefined;
}

const PAGE = 1000;

interface WireLeaf {
  index: number;
  nameHash: string;
  userId: string;
  cardHash: string;
}

/** Asks one relay without a token. */
export class RelayLog {
  readonly #url: string;

  constructor(relay: string) {
    const address = /^https?:\/\//.test(relay) ? relay : `https://${relay}`;
    this.#url = new URL("/graphql", address).href;
  }

  async readShown(): Promise<ShownLog> {
    const { relay, keyLog } = await this.#ask<{ relay: { receiptKey: string }; keyLog: { checkpoint: string } | null }>("{ relay { receiptKey } keyLog { checkpoint } }");
    return { receiptKey: parseBase64url(relay.receiptKey), checkpoint: keyLog ? parseBase64url(keyLog.checkpoint) : undefined };
  }

  /** All leaves below `size`, in order, each with the index that the relay says it has. */
  async *readLeaves(size: number): AsyncGenerator<KeyLogLeaf & { index: number }> {
    const query = "query ($from: Sequence!, $first: Int!) { keyLog { leaves(from: $from, first: $first) { index nameHash userId cardHash } } }";
    for (let from = 0; from < size; ) {
      const { keyLog } = await this.#ask<{ keyLog: { leaves: WireLeaf[] } | null }>(query, { from, first: Math.min(PAGE, size - from) });
      const leaves = keyLog?.leaves ?? [];
      if (leaves.length === 0) return;
      for (const { index, nameHash, userId, cardHash } of leaves) {
        yield { index, nameHash: parseBase64url(nameHash), userId: parseBase64url(userId), cardHash: parseBase64url(cardHash) };
      }
      from += leaves.length;
    }
  }

  /** The newest checkpoint, and the path from an older size to it. */
  async readPath(from: number): Promise<{ checkpoint: Uint8Array; path: Uint8Array[] }> {
    const query = "query ($from: [Sequence!]!) { keyLog { checkpoint consistency(from: $from) { path } } }";
    const { keyLog } = await this.#ask<{ keyLog: { checkpoint: string; consistency: { path: string[] }[] } | null }>(query, { from: [from] });
    if (!keyLog) throw new AuditImpossible("The relay shows no log any more.");
    return { checkpoint: parseBase64url(keyLog.checkpoint), path: (keyLog.consistency[0]?.path ?? []).map(parseBase64url) };
  }

  async #ask<Data>(query: string, variables: Record<string, unknown> = {}): Promise<Data> {
    const headers = { "content-type": "application/json", accept: "application/graphql-response+json" };
    const response = await fetch(this.#url, { method: "POST", headers, body: JSON.stringify({ query, variables }), signal: AbortSignal.timeout(60_000) }).catch((cause: unknown) => {
      throw new AuditImpossible(`No answer from ${this.#url}. Is the address right and the relay running?`, { cause });
    });
    const answer = (await response.json().catch(() => undefined)) as { data?: Data | null; errors?: { message: string }[] } | undefined;
    if (answer?.errors?.[0]) throw new AuditImpossible(`The relay refuses to answer: ${answer.errors[0].message}`);
    if (!answer?.data) throw new AuditImpossible(`${this.#url} does not answer as a relay does (HTTP ${response.status}).`);
    return answer.data;
  }
}
