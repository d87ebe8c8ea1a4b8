import { Field, InputType } from "type-graphql";
import { BytesScalar } from "./scalars.ts";

@InputType("RequestFriendshipInput")
export class RequestFriendshipInput {
  @Field(() => BytesScalar)
  record!: Uint8Array;
}

@InputType("AcceptFriendshipInput")
export class AcceptFriendshipInput {
  @Field(() => BytesScalar)
  record!: Uint8Array;

  @Field(() => BytesScalar)
  grant!: Uint8Array;
}

@InputType("ConfirmFriendshipInput")
export class ConfirmFriendshipInput {
  @Field(() => BytesScalar)
  record!: Uint8Array;

  @Field(() => BytesScalar)
  grant!: Uint8Array;
}

@InputType("DeclineFriendshipInput")
export class DeclineFriendshipInput {
  @Field(() => BytesScalar)
  record!: Uint8Array;
}

@InputType("CancelFriendshipInput")
export class CancelFriendshipInput {
  @Field(() => BytesScalar)
  record!: Uint8Array;
}

@InputType("EndFriendshipInput")
export class EndFriendshipInput {
  @Field(() => BytesScalar)
  record!: Uint8Array;

  @Field(() => [BytesScalar])
  entries!: Uint8Array[];

  @Field(() => [BytesScalar])
  grants!: Uint8Array[];
}
