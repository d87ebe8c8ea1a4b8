import { Field, InputType } from "type-graphql";
import { NewCredentialsInput } from "./credentials.input.ts";
import { BytesScalar } from "./scalars.ts";
import { VaultInput } from "./vault.input.ts";

@InputType("ReplaceCardInput")
export class ReplaceCardInput extends NewCredentialsInput {
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
}
