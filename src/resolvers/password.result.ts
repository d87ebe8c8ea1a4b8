import { createUnionType, Field, Int, ObjectType } from "type-graphql";
import type { PasswordChanged as Change, StartedRecovery } from "../domain/users/password-service.ts";
import { Refused } from "./refusal.type.ts";
import { RegistrationStarted } from "./registration.result.ts";
import { BytesScalar } from "./scalars.ts";
import { SessionTokensType, toSessionTokens } from "./session.type.ts";
import { toUser, UserType } from "./user.type.ts";

@ObjectType("PasswordChanged")
export class PasswordChanged {
  @Field(() => Int)
  wrapVersion: number;

  @Field(() => Int)
  sessionsEnded: number;

  constructor({ wrapVersion, sessionsEnded }: Change) {
    this.wrapVersion = wrapVersion;
    this.sessionsEnded = sessionsEnded;
  }
}

@ObjectType("RecoveryStarted")
export class RecoveryStarted {
  @Field(() => SessionTokensType)
  session: SessionTokensType;

  @Field(() => UserType)
  user: UserType;

  @Field(() => BytesScalar)
  recoveryWrap: Uint8Array;

  @Field(() => Int)
  recoveryWrapVersion: number;

  @Field(() => Int)
  wrapVersion: number;

  constructor({ tokens, user, credentials }: StartedRecovery) {
    this.session = toSessionTokens(tokens);
    this.user = toUser(user);
    this.recoveryWrap = credentials.recoveryWrap;
    this.recoveryWrapVersion = credentials.recoveryWrapVersion;
    this.wrapVersion = credentials.wrapVersion;
  }
}

export const StartPasswordChangeResult = createUnionType({ name: "StartPasswordChangeResult", types: () => [RegistrationStarted, Refused] as const });
export const ChangePasswordResult = createUnionType({ name: "ChangePasswordResult", types: () => [PasswordChanged, Refused] as const });
export const StartRecoveryResult = createUnionType({ name: "StartRecoveryResult", types: () => [RecoveryStarted, Refused] as const });
export const FinishRecoveryResult = createUnionType({ name: "FinishRecoveryResult", types: () => [PasswordChanged, Refused] as const });
