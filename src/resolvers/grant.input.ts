import { Field, InputType } from "type-graphql";
import type { UserId } from "../protocol/index.ts";
import { BytesScalar, UserIdScalar } from "./scalars.ts";

@InputType("StoreGrantsInput")
export class StoreGrantsInput {
  @Field(() => [BytesScalar])
  grants!: Uint8Array[];
}

@InputType("AskForGrantInput")
export class AskForGrantInput {
  @Field(() => UserIdScalar)
  author!: UserId;
}
