import { Field, InputType } from "type-graphql";
import { BytesScalar } from "./scalars.ts";

@InputType("CreateThoughtInput")
export class CreateThoughtInput {
  @Field(() => BytesScalar)
  entry!: Uint8Array;
}

@InputType("WithdrawThoughtInput")
export class WithdrawThoughtInput {
  @Field(() => BytesScalar)
  entry!: Uint8Array;
}
