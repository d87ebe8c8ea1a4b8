import { Field, ObjectType, registerEnumType } from "type-graphql";
import type { FriendshipEventKind as EventKind, FriendshipRecordRow, FriendshipState as State } from "../domain/ports/index.ts";
import type { UserId } from "../protocol/index.ts";
import { ConnectionOf, EdgeOf } from "./page.type.ts";
import { BytesScalar, FriendshipIdScalar, SequenceScalar, TimestampScalar } from "./scalars.ts";

const FriendshipState: { readonly [Name in State]: Name } = {
  PENDING: "PENDING",
  ACCEPTED: "ACCEPTED",
  CONFIRMED: "CONFIRMED",
  DECLINED: "DECLINED",
  CANCELLED: "CANCELLED",
  ENDED: "ENDED",
  EXPIRED: "EXPIRED",
};
registerEnumType(FriendshipState, { name: "FriendshipState" });

const FriendshipEventKind: { readonly [Name in EventKind]: Name } = {
  REQUESTED: "REQUESTED",
  ACCEPTED: "ACCEPTED",
  CONFIRMED: "CONFIRMED",
  DECLINED: "DECLINED",
  CANCELLED: "CANCELLED",
  ENDED: "ENDED",
  GRANT_ASKED: "GRANT_ASKED",
  GRANT_STORED: "GRANT_STORED",
};
registerEnumType(FriendshipEventKind, { name: "FriendshipEventKind" });

export const RequestDirection = { RECEIVED: "RECEIVED", SENT: "SENT" } as const;
export type RequestDirection = keyof typeof RequestDirection;
registerEnumType(RequestDirection, { name: "RequestDirection" });

/** The people in it come from field resolvers. */
@ObjectType("Friendship")
export class FriendshipType {
  requesterId!: UserId;
  accepterId!: UserId;

  @Field(() => FriendshipIdScalar)
  id!: Uint8Array;

  @Field(() => FriendshipState)
  state!: State;

  @Field(() => TimestampScalar)
  createdAt!: number;

  @Field(() => TimestampScalar)
  expiresAt!: number;

  @Field(() => TimestampScalar)
  changedAt!: number;

  @Field(() => BytesScalar)
  requestRecord!: Uint8Array;

  @Field(() => BytesScalar, { nullable: true })
  acceptRecord!: Uint8Array | null;

  @Field(() => BytesScalar, { nullable: true })
  confirmRecord!: Uint8Array | null;

  @Field(() => BytesScalar, { nullable: true })
  endRecord!: Uint8Array | null;
}

export function toFriendship(row: FriendshipRecordRow): FriendshipType {
  return {
    requesterId: row.requester,
    accepterId: row.accepter,
    id: row.id,
    state: row.state,
    createdAt: row.createdAtMs,
    expiresAt: row.expiresAtMs,
    changedAt: row.changedAtMs,
    requestRecord: row.requestRecord,
    acceptRecord: row.acceptRecord ?? null,
    confirmRecord: row.confirmRecord ?? null,
    endRecord: row.endRecord ?? null,
  };
}

@ObjectType("FriendshipEvent")
export class FriendshipEventType {
  @Field(() => SequenceScalar)
  number!: number;

  @Field(() => FriendshipEventKind)
  kind!: EventKind;

  @Field(() => FriendshipType)
  friendship!: FriendshipType;
}

@ObjectType("FriendshipEdge")
class FriendshipEdge extends EdgeOf(() => FriendshipType) {}

@ObjectType("FriendshipConnection")
export class FriendshipConnection extends ConnectionOf(
  () => FriendshipEdge,
  () => FriendshipType,
) {}
