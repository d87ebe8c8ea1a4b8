import { Field, ObjectType } from "type-graphql";
import type { SessionRecord } from "../domain/ports/index.ts";
import type { SessionTokens } from "../domain/sessions/session-tokens.ts";
import { SessionIdScalar, ShortTextScalar, TimestampScalar } from "./scalars.ts";

@ObjectType("Session")
export class SessionType {
  @Field(() => SessionIdScalar)
  id!: Uint8Array;

  @Field(() => ShortTextScalar)
  deviceName!: string;

  @Field(() => TimestampScalar)
  createdAt!: number;

  @Field(() => TimestampScalar)
  refreshedAt!: number;
}

export function toSession({ id, deviceName, createdAtMs, refreshedAtMs }: SessionRecord): SessionType {
  return { id, deviceName, createdAt: createdAtMs, refreshedAt: refreshedAtMs };
}

@ObjectType("SessionTokens")
export class SessionTokensType {
  @Field(() => SessionIdScalar)
  sessionId!: Uint8Array;

  @Field(() => String)
  accessToken!: string;

  @Field(() => TimestampScalar)
  accessTokenExpiresAt!: number;

  @Field(() => String)
  refreshToken!: string;
}

export function toSessionTokens({ accessTokenExpiresAtMs, ...tokens }: SessionTokens): SessionTokensType {
  return { ...tokens, accessTokenExpiresAt: accessTokenExpiresAtMs };
}
