import { Field, Int, ObjectType, registerEnumType } from "type-graphql";
import type { ChainHead } from "../domain/chain/chain-record.ts";
import type { EntryRecord } from "../domain/ports/index.ts";
import { concatBytes, EntryType } from "../protocol/index.ts";
import { ChainHeadType } from "./chain-head.type.ts";
import { ConnectionOf, EdgeOf } from "./page.type.ts";
import { ReceiptType, toReceipt } from "./receipt.type.ts";
import { BytesScalar, HashScalar, SequenceScalar, UserIdScalar } from "./scalars.ts";

registerEnumType(EntryType, { name: "EntryType" });

export const ChainOrder = { OLDEST_FIRST: "OLDEST_FIRST", NEWEST_FIRST: "NEWEST_FIRST" } as const;
export type ChainOrder = keyof typeof ChainOrder;
registerEnumType(ChainOrder, { name: "ChainOrder" });

@ObjectType("Entry")
export class ChainEntryType {
  @Field(() => UserIdScalar)
  author!: Uint8Array;

  @Field(() => SequenceScalar)
  seq!: number;

  @Field(() => EntryType)
  type!: number;

  @Field(() => Int)
  epoch!: number;

  @Field(() => HashScalar)
  hash!: Uint8Array;

  @Field(() => BytesScalar)
  bytes!: Uint8Array;

  @Field(() => Boolean)
  withdrawn!: boolean;

  @Field(() => ReceiptType)
  receipt!: ReceiptType;
}

export function toEntry(record: EntryRecord): ChainEntryType {
  const { author, seq, type, epoch, hash, signedHeader, payload } = record;
  return {
    author,
    seq,
    type,
    epoch,
    hash,
    bytes: payload ? concatBytes(signedHeader, payload) : signedHeader,
    withdrawn: payload === undefined,
    receipt: toReceipt(record),
  };
}

@ObjectType("EntryEdge")
class EntryEdge extends EdgeOf(() => ChainEntryType) {}

@ObjectType("EntryConnection")
export class EntryConnection extends ConnectionOf(
  () => EntryEdge,
  () => ChainEntryType,
) {
  @Field(() => ChainHeadType)
  head!: ChainHead;
}
