import { createUnionType, Field, Int, ObjectType } from "type-graphql";
import { Refused } from "./refusal.type.ts";
import { TimestampScalar } from "./scalars.ts";

@ObjectType("AccountDeleted")
export class AccountDeleted {
  @Field(() => TimestampScalar)
  deletedAt: number;

  @Field(() => Int)
  friendshipsEnded: number;

  constructor({ deletedAtMs, friendshipsEnded }: { deletedAtMs: number; friendshipsEnded: number }) {
    this.deletedAt = deletedAtMs;
    this.friendshipsEnded = friendshipsEnded;
  }
}

export const DeleteAccountResult = createUnionType({ name: "DeleteAccountResult", types: () => [AccountDeleted, Refused] as const });
