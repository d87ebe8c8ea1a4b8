import { Field, ObjectType } from "type-graphql";
import type { EntryRecord } from "../domain/ports/index.ts";
import { BytesScalar, TimestampScalar } from "./scalars.ts";

@ObjectType("Receipt")
export class ReceiptType {
  @Field(() => BytesScalar)
  bytes!: Uint8Array;

  @Field(() => TimestampScalar)
  receivedAt!: number;
}

export function toReceipt({ receipt, receivedAtMs }: Pick<EntryRecord, "receipt" | "receivedAtMs">): ReceiptType {
  return { bytes: receipt, receivedAt: receivedAtMs };
}
