import { Field, InputType, Int } from "type-graphql";
import { BytesScalar } from "./scalars.ts";
import { VaultInput } from "./vault.input.ts";

@InputType("ReplaceCardInput")
export class ReplaceCardInput {
  @Field(() => BytesScalar)
  loginId!: Uint8Array;

  @Field(() => BytesScalar)
  loginFinish!: Uint8Array;

  @Field(() => [BytesScalar])
  entries!: Uint8Array[];

  @Field(() => [BytesScalar])
  grants!: Uint8Array[];

  @Field(() => VaultInput)
  vault!: VaultInput;

  @Field(() => BytesScalar)
  registrationRecord!: Uint8Array;

  @Field(() => BytesScalar)
  passwordWrap!: Uint8Array;

  @Field(() => BytesScalar)
  recoveryWrap!: Uint8Array;

  @Field(() => BytesScalar)
  recoveryVerifier!: Uint8Array;

  @Field(() => Int)
  wrapVersion!: number;
}
