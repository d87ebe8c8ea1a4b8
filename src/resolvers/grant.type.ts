import { Field, Int, ObjectType, registerEnumType } from "type-graphql";
import type { GrantRecord } from "../domain/ports/index.ts";
import { GrantKind as Kind, type UserId } from "../protocol/index.ts";
import { ConnectionOf, EdgeOf } from "./page.type.ts";
import { BytesScalar, UserIdScalar } from "./scalars.ts";

const GrantKind = { HISTORY: Kind.HISTORY, EPOCH: Kind.EPOCH_ONLY } as const;
registerEnumType(GrantKind, { name: "GrantKind" });

@ObjectType("Grant")
export class GrantType {
  @Field(() => UserIdScalar)
  author!: UserId;

  @Field(() => Int)
  epoch!: number;

  @Field(() => GrantKind)
  kind!: number;

  @Field(() => BytesScalar)
  bytes!: Uint8Array;
}

export function toGrant({ author, epoch, kind, bytes }: GrantRecord): GrantType {
  return { author, epoch, kind, bytes };
}

/** Its recipient comes from a field resolver. */
@ObjectType("MissingGrant")
export class MissingGrantType {
  recipientId!: UserId;

  @Field(() => Boolean)
  asked!: boolean;
}

@ObjectType("GrantEdge")
class GrantEdge extends EdgeOf(() => GrantType) {}

@ObjectType("GrantConnection")
export class GrantConnection extends ConnectionOf(
  () => GrantEdge,
  () => GrantType,
) {}
