import type { ChainRecord } from "../domain/ports/index.ts";
import { fromNullable, toBytes, toNullable } from "./columns.ts";
import type { Chain } from "./generated/client.ts";

export function toChainRecord(row: Chain): ChainRecord {
  return { ...row, seq: Number(row.seq), headReceivedAtMs: Number(row.headReceivedAtMs), newestThoughtMs: fromNullable(row.newestThoughtMs, Number) };
}

export function toChainRow(chain: ChainRecord): Chain {
  return {
    ...chain,
    author: toBytes(chain.author),
    seq: BigInt(chain.seq),
    headHash: toBytes(chain.headHash),
    headReceivedAtMs: BigInt(chain.headReceivedAtMs),
    newestThoughtMs: toNullable(chain.newestThoughtMs, BigInt),
    epochCommitment: toBytes(chain.epochCommitment),
    thoughtCommitment: toBytes(chain.thoughtCommitment),
    signerCardHash: toBytes(chain.signerCardHash),
  };
}
