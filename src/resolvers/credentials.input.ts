import { Field, InputType, Int } from "type-graphql";
import { BytesScalar } from "./scalars.ts";

/** What opens a user's keys by password and by recovery code (PROTOCOL.md §6). */
@InputType()
export abstract class CredentialsInput {
  @Field(() => BytesScalar)
  registrationRecord!: Uint8Array;

  @Field(() => BytesScalar)
  passwordWrap!: Uint8Array;

  @Field(() => BytesScalar)
  recoveryWrap!: Uint8Array;

  @Field(() => BytesScalar)
  recoveryVerifier!: Uint8Array;
}

/** The same in the place of older ones. */
@InputType()
export abstract class NewCredentialsInput extends CredentialsInput {
  @Field(() => Int)
  wrapVersion!: number;
}
