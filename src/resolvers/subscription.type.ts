import { createUnionType, Field, InputType, Int, ObjectType } from "type-graphql";
import type { EntryRecord, Position } from "../domain/ports/index.ts";
import type { UserId } from "../protocol/index.ts";
import { ChainEntryType, toEntry } from "./entry.type.ts";
import { ReceiptType } from "./receipt.type.ts";
import { SequenceScalar, UserIdScalar } from "./scalars.ts";

@InputType("PositionInput")
export class PositionInput implements Position {
  @Field(() => UserIdScalar)
  author!: UserId;

  @Field(() => SequenceScalar)
  seq!: number;
}

@ObjectType("EntryAppended")
export class EntryAppended {
  @Field(() => ChainEntryType)
  entry: ChainEntryType;

  @Field(() => ReceiptType)
  receipt: ReceiptType;

  constructor(record: EntryRecord) {
    this.entry = toEntry(record);
    this.receipt = this.entry.receipt;
  }
}

@ObjectType("CaughtUp")
export class CaughtUp {
  @Field(() => Int)
  authors: number;

  constructor(authors: number) {
    this.authors = authors;
  }
}

export const EntryDelivery = createUnionType({ name: "EntryDelivery", types: () => [EntryAppended, CaughtUp] as const });
