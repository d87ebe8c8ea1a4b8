import { createUnionType, Field, Int, ObjectType } from "type-graphql";
import type { CardReplaced as Replaced } from "../domain/cards/card-service.ts";
import type { ChainHead } from "../domain/chain/chain-record.ts";
import { ChainHeadType } from "./chain-head.type.ts";
import { EntryConflict, HeadStale } from "./chain.result.ts";
import { ReceiptType, toReceipt } from "./receipt.type.ts";
import { Refused } from "./refusal.type.ts";
import { VaultStale } from "./vault.result.ts";

@ObjectType("CardReplaced")
export class CardReplaced {
  @Field(() => [ReceiptType])
  receipts: ReceiptType[];

  @Field(() => ChainHeadType)
  head: ChainHead;

  @Field(() => Int)
  sessionsEnded: number;

  constructor({ entries, head, sessionsEnded }: Replaced) {
    this.receipts = entries.map(toReceipt);
    this.head = head;
    this.sessionsEnded = sessionsEnded;
  }
}

export const ReplaceCardResult = createUnionType({
  name: "ReplaceCardResult",
  types: () => [CardReplaced, HeadStale, EntryConflict, VaultStale, Refused] as const,
});
