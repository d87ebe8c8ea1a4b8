import { Field, InputType } from "type-graphql";
import type { UserId } from "../protocol/index.ts";
import { CredentialsInput } from "./credentials.input.ts";
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
export class RegisterInput extends CredentialsInput {
  @Field(() => UsernameScalar)
  username!: string;

  @Field(() => [BytesScalar])
  entries!: Uint8Array[];

  @Field(() => BytesScalar)
  selfGrant!: Uint8Array;

  @Field(() => VaultInput)
  vault!: VaultInput;

  @Field(() => EmailHashScalar, { nullable: true })
  email?: Uint8Array | null;

  @Field(() => BytesScalar, { nullable: true })
  invitation?: Uint8Array | null;

  @Field(() => ShortTextScalar)
  deviceName!: string;
}
