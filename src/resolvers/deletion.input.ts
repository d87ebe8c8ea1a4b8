import { Field, InputType } from "type-graphql";
import { BytesScalar } from "./scalars.ts";

@InputType("DeleteAccountInput")
export class DeleteAccountInput {
  @Field(() => BytesScalar)
  loginId!: Uint8Array;

  @Field(() => BytesScalar)
  loginFinish!: Uint8Array;

  @Field(() => [BytesScalar])
  records!: Uint8Array[];
}
