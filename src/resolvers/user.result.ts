import { createUnionType, Field, ObjectType } from "type-graphql";
import { Refused } from "./refusal.type.ts";

@ObjectType("EmailSet")
export class EmailSet {
  @Field(() => Boolean)
  listedByEmail: boolean;

  constructor(listedByEmail: boolean) {
    this.listedByEmail = listedByEmail;
  }
}

export const SetEmailResult = createUnionType({ name: "SetEmailResult", types: () => [EmailSet, Refused] as const });
