import { createUnionType, Field, ObjectType } from "type-graphql";
import type { EntryRecord, FriendshipRecordRow } from "../domain/ports/index.ts";
import { EntryConflict, HeadStale } from "./chain.result.ts";
import { FriendshipType, toFriendship } from "./friendship.type.ts";
import { ReceiptType, toReceipt } from "./receipt.type.ts";
import { Refusal, Refused } from "./refusal.type.ts";

@ObjectType("RequestCrossed", { implements: Refusal })
export class RequestCrossed extends Refusal {
  @Field(() => FriendshipType)
  friendship: FriendshipType;

  constructor(refusal: ConstructorParameters<typeof Refusal>[0]) {
    super(refusal);
    this.friendship = toFriendship(refusal.details["friendship"] as FriendshipRecordRow);
  }
}

/** What every step of a friendship answers with. */
@ObjectType()
abstract class FriendshipOutcome {
  @Field(() => FriendshipType)
  friendship: FriendshipType;

  constructor(row: FriendshipRecordRow) {
    this.friendship = toFriendship(row);
  }
}

@ObjectType("FriendshipRequested")
export class FriendshipRequested extends FriendshipOutcome {}

@ObjectType("FriendshipAccepted")
export class FriendshipAccepted extends FriendshipOutcome {}

@ObjectType("FriendshipConfirmed")
export class FriendshipConfirmed extends FriendshipOutcome {}

@ObjectType("FriendshipDeclined")
export class FriendshipDeclined extends FriendshipOutcome {}

@ObjectType("FriendshipCancelled")
export class FriendshipCancelled extends FriendshipOutcome {}

@ObjectType("FriendshipEnded")
export class FriendshipEnded extends FriendshipOutcome {
  @Field(() => [ReceiptType])
  receipts: ReceiptType[];

  constructor({ friendship, entries }: { friendship: FriendshipRecordRow; entries: EntryRecord[] }) {
    super(friendship);
    this.receipts = entries.map(toReceipt);
  }
}

export const RequestFriendshipResult = createUnionType({
  name: "RequestFriendshipResult",
  types: () => [FriendshipRequested, RequestCrossed, Refused] as const,
});
export const AcceptFriendshipResult = createUnionType({ name: "AcceptFriendshipResult", types: () => [FriendshipAccepted, Refused] as const });
export const ConfirmFriendshipResult = createUnionType({ name: "ConfirmFriendshipResult", types: () => [FriendshipConfirmed, Refused] as const });
export const DeclineFriendshipResult = createUnionType({ name: "DeclineFriendshipResult", types: () => [FriendshipDeclined, Refused] as const });
export const CancelFriendshipResult = createUnionType({ name: "CancelFriendshipResult", types: () => [FriendshipCancelled, Refused] as const });
export const EndFriendshipResult = createUnionType({
  name: "EndFriendshipResult",
  types: () => [FriendshipEnded, HeadStale, EntryConflict, Refused] as const,
});
