import { Field, Int, ObjectType } from "type-graphql";
import type { RelayInfo } from "../domain/relay-info.ts";
import { BytesScalar, TimestampScalar } from "./scalars.ts";

@ObjectType("RelayLimits")
export class RelayLimitsType {
  @Field(() => Int)
  maxRequestBytes!: number;

  @Field(() => Int)
  maxFrameBytes!: number;

  @Field(() => Int)
  maxFriends!: number;

  @Field(() => Int)
  maxVaultItemBytes!: number;

  @Field(() => Int)
  accessTokenSeconds!: number;
}

@ObjectType("Relay")
export class RelayType implements RelayInfo {
  @Field(() => Int)
  protocolVersion!: number;

  @Field(() => String)
  softwareVersion!: string;

  @Field(() => BytesScalar)
  receiptKey!: Uint8Array;

  @Field(() => BytesScalar)
  opaqueKey!: Uint8Array;

  @Field(() => TimestampScalar)
  time!: number;

  @Field(() => RelayLimitsType)
  limits!: RelayLimitsType;
}
