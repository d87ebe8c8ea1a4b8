import { createUnionType, Field, Int, ObjectType } from "type-graphql";
import type { LoggedIn as LoggedInUser, StartedLogin } from "../domain/sessions/login-service.ts";
import type { SessionTokens } from "../domain/sessions/session-tokens.ts";
import { Refused } from "./refusal.type.ts";
import { BytesScalar, UserIdScalar } from "./scalars.ts";
import { SessionTokensType, toSessionTokens } from "./session.type.ts";
import { toUser, UserType } from "./user.type.ts";

@ObjectType("LoginStarted")
export class LoginStarted {
  @Field(() => BytesScalar)
  loginId: Uint8Array;

  @Field(() => UserIdScalar)
  userId: Uint8Array;

  @Field(() => BytesScalar)
  loginResponse: Uint8Array;

  constructor({ loginId, userId, loginResponse }: StartedLogin) {
    this.loginId = loginId;
    this.userId = userId;
    this.loginResponse = loginResponse;
  }
}

@ObjectType("LoggedIn")
export class LoggedIn {
  @Field(() => SessionTokensType)
  session: SessionTokensType;

  @Field(() => UserType)
  user: UserType;

  @Field(() => BytesScalar)
  passwordWrap: Uint8Array;

  @Field(() => Int)
  wrapVersion: number;

  constructor({ tokens, user, credentials }: LoggedInUser) {
    this.session = toSessionTokens(tokens);
    this.user = toUser(user);
    this.passwordWrap = credentials.passwordWrap;
    this.wrapVersion = credentials.wrapVersion;
  }
}

@ObjectType("SessionRefreshed")
export class SessionRefreshed {
  @Field(() => SessionTokensType)
  session: SessionTokensType;

  constructor(tokens: SessionTokens) {
    this.session = toSessionTokens(tokens);
  }
}

@ObjectType("SessionsEnded")
export class SessionsEnded {
  @Field(() => Int)
  count: number;

  constructor(count: number) {
    this.count = count;
  }
}

export const StartLoginResult = createUnionType({ name: "StartLoginResult", types: () => [LoginStarted, Refused] as const });
export const FinishLoginResult = createUnionType({ name: "FinishLoginResult", types: () => [LoggedIn, Refused] as const });
export const RefreshSessionResult = createUnionType({ name: "RefreshSessionResult", types: () => [SessionRefreshed, Refused] as const });
export const EndSessionResult = createUnionType({ name: "EndSessionResult", types: () => [SessionsEnded, Refused] as const });
export const EndAllSessionsResult = createUnionType({ name: "EndAllSessionsResult", types: () => [SessionsEnded, Refused] as const });
