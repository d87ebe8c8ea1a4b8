import { createUnionType, Field, Int, ObjectType } from "type-graphql";
import type { FriendshipRecordRow } from "../domain/ports/index.ts";
import { FriendshipType, toFriendship } from "./friendship.type.ts";
import { Refused } from "./refusal.type.ts";

@ObjectType("GrantsStored")
export class GrantsStored {
  @Field(() => Int)
  count: number;

  constructor(count: number) {
    this.count = count;
  }
}

@ObjectType("GrantAsked")
export class GrantAsked {
  @Field(() => FriendshipType)
  friendship: FriendshipType;

  constructor(row: FriendshipRecordRow) {
    this.friendship = toFriendship(row);
  }
}

export const StoreGrantsResult = createUnionType({ name: "StoreGrantsResult", types: () => [GrantsStored, Refused] as const });
export const AskForGrantResult = createUnionType({ name: "AskForGrantResult", types: () => [GrantAsked, Refused] as const });
