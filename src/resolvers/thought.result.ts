import { createUnionType, Field, ObjectType } from "type-graphql";
import type { EntryRecord, ThoughtRecord } from "../domain/ports/index.ts";
import { EntryConflict, HeadStale } from "./chain.result.ts";
import { ReceiptType, toReceipt } from "./receipt.type.ts";
import { Refused } from "./refusal.type.ts";
import { ThoughtType, toThought } from "./thought.type.ts";

@ObjectType("ThoughtCreated")
export class ThoughtCreated {
  @Field(() => ThoughtType)
  thought: ThoughtType;

  @Field(() => ReceiptType)
  receipt: ReceiptType;

  constructor(thought: ThoughtRecord) {
    this.thought = toThought(thought);
    this.receipt = toReceipt(thought);
  }
}

@ObjectType("ThoughtWithdrawn")
export class ThoughtWithdrawn {
  @Field(() => ThoughtType)
  thought: ThoughtType;

  @Field(() => ReceiptType)
  receipt: ReceiptType;

  constructor({ thought, tombstone }: { thought: ThoughtRecord; tombstone: EntryRecord }) {
    this.thought = toThought(thought);
    this.receipt = toReceipt(tombstone);
  }
}

export const CreateThoughtResult = createUnionType({
  name: "CreateThoughtResult",
  types: () => [ThoughtCreated, HeadStale, EntryConflict, Refused] as const,
});

export const WithdrawThoughtResult = createUnionType({
  name: "WithdrawThoughtResult",
  types: () => [ThoughtWithdrawn, HeadStale, EntryConflict, Refused] as const,
});
