import { Field, InputType } from "type-graphql";
import type { UserId } from "../protocol/index.ts";
import { BytesScalar, EmailHashScalar, ShortTextScalar, UserIdScalar, UsernameScalar } from "./scalars.ts";
import { VaultInput } from "./vault.input.ts";

@InputType("StartRegistrationInput")
export class StartRegistrationInput {
  @Field(() => UserIdScalar)
  userId!: UserId;

  @Field(() => BytesScalar)
  registrationRequest!: Uint8Array;
}

@InputType("RegisterInput")
export class RegisterInput {
  @Field(() => UsernameScalar)
  username!: string;

  @Field(() => BytesScalar)
  registrationRecord!: Uint8Array;

  @Field(() => BytesScalar)
  passwordWrap!: Uint8Array;

  @Field(() => BytesScalar)
  recoveryWrap!: Uint8Array;

  @Field(() => BytesScalar)
  recoveryVerifier!: Uint8Array;

  @Field(() => [BytesScalar])
  entries!: Uint8Array[];

  @Field(() => BytesScalar)
  selfGrant!: Uint8Array;

  @Field(() => VaultInput)
  vault!: VaultInput;

  @Field(() => EmailHashScalar, { nullable: true })
  email?: Uint8Array | null;

  @Field(() => ShortTextScalar)
  deviceName!: string;
}
