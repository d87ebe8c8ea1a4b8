import { Field, InputType } from "type-graphql";
import { BytesScalar, SessionIdScalar, ShortTextScalar, UsernameScalar } from "./scalars.ts";

@InputType("StartLoginInput")
export class StartLoginInput {
  @Field(() => UsernameScalar)
  username!: string;

  @Field(() => BytesScalar)
  loginRequest!: Uint8Array;
}

@InputType("FinishLoginInput")
export class FinishLoginInput {
  @Field(() => BytesScalar)
  loginId!: Uint8Array;

  @Field(() => BytesScalar)
  loginFinish!: Uint8Array;

  @Field(() => ShortTextScalar)
  deviceName!: string;
}

@InputType("RefreshSessionInput")
export class RefreshSessionInput {
  @Field(() => String)
  refreshToken!: string;
}

@InputType("EndSessionInput")
export class EndSessionInput {
  @Field(() => SessionIdScalar)
  sessionId!: Uint8Array;
}

@InputType("EndAllSessionsInput")
export class EndAllSessionsInput {
  @Field(() => Boolean, { defaultValue: false })
  includeCurrent!: boolean;
}
