import { Field, Int, ObjectType } from "type-graphql";
import type { CardRecord, UserRecord } from "../domain/ports/index.ts";
import type { UserId } from "../protocol/index.ts";
import { ConnectionOf, EdgeOf } from "./page.type.ts";
import { BytesScalar, HashScalar, TimestampScalar, UserIdScalar, UsernameScalar } from "./scalars.ts";

/** Its cards, and what depends on who asks, come from field resolvers. */
@ObjectType("User")
export class UserType {
  @Field(() => UserIdScalar)
  id!: UserId;

  @Field(() => UsernameScalar)
  username!: string;

  @Field(() => TimestampScalar)
  createdAt!: number;

  @Field(() => Boolean)
  deleted!: boolean;
}

export function toUser({ id, username, createdAtMs, deletedAtMs }: UserRecord): UserType {
  return { id, username, createdAt: createdAtMs, deleted: deletedAtMs !== undefined };
}

@ObjectType("UserByEmail")
export class UserByEmailType {
  @Field(() => UserType)
  user!: UserType;

  @Field(() => Boolean)
  proven!: boolean;
}

@ObjectType("IdentityCard")
export class IdentityCardType {
  @Field(() => Int)
  version!: number;

  @Field(() => HashScalar)
  hash!: Uint8Array;

  @Field(() => BytesScalar)
  bytes!: Uint8Array;
}

export function toIdentityCard({ version, hash, bytes }: CardRecord): IdentityCardType {
  return { version, hash, bytes };
}

@ObjectType("UserEdge")
class UserEdge extends EdgeOf(() => UserType) {}

@ObjectType("UserConnection")
export class UserConnection extends ConnectionOf(
  () => UserEdge,
  () => UserType,
) {}
