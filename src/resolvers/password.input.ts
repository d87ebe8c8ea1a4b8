import { Field, InputType, Int } from "type-graphql";
import { NewCredentialsInput } from "./credentials.input.ts";
import { BytesScalar, ShortTextScalar, UsernameScalar } from "./scalars.ts";

@InputType("StartPasswordChangeInput")
export class StartPasswordChangeInput {
  @Field(() => BytesScalar)
  registrationRequest!: Uint8Array;
}

@InputType("ChangePasswordInput")
export class ChangePasswordInput {
  @Field(() => BytesScalar)
  loginId!: Uint8Array;

  @Field(() => BytesScalar)
  loginFinish!: Uint8Array;

  @Field(() => BytesScalar)
  registrationRecord!: Uint8Array;

  @Field(() => BytesScalar)
  passwordWrap!: Uint8Array;

  @Field(() => BytesScalar, { nullable: true })
  recoveryWrap?: Uint8Array | null;

  @Field(() => BytesScalar, { nullable: true })
  recoveryVerifier?: Uint8Array | null;

  @Field(() => Int)
  wrapVersion!: number;
}

@InputType("StartRecoveryInput")
export class StartRecoveryInput {
  @Field(() => UsernameScalar)
  username!: string;

  @Field(() => BytesScalar)
  recoveryProof!: Uint8Array;

  @Field(() => ShortTextScalar)
  deviceName!: string;
}

@InputType("FinishRecoveryInput")
export class FinishRecoveryInput extends NewCredentialsInput {
  @Field(() => BytesScalar)
  recoveryProof!: Uint8Array;
}
