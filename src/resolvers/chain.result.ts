import { createUnionType, Field, ObjectType } from "type-graphql";
import type { ChainHead } from "../domain/chain/chain-record.ts";
import type { EntryRecord } from "../domain/ports/index.ts";
import { parseReceipt } from "../protocol/index.ts";
import { ChainHeadType } from "./chain-head.type.ts";
import { ReceiptType, toReceipt } from "./receipt.type.ts";
import { Refusal, Refused } from "./refusal.type.ts";

@ObjectType("HeadStale", { implements: Refusal })
export class HeadStale extends Refusal {
  @Field(() => ChainHeadType)
  head: ChainHead;

  constructor(refusal: ConstructorParameters<typeof Refusal>[0]) {
    super(refusal);
    this.head = refusal.details["head"] as ChainHead;
  }
}

@ObjectType("EntryConflict", { implements: Refusal })
export class EntryConflict extends Refusal {
  @Field(() => ReceiptType)
  receipt: ReceiptType;

  constructor(refusal: ConstructorParameters<typeof Refusal>[0]) {
    super(refusal);
    const receipt = refusal.details["receipt"] as Uint8Array;
    this.receipt = toReceipt({ receipt, receivedAtMs: parseReceipt(receipt).relayMs });
  }
}

@ObjectType("EntriesAppended")
export class EntriesAppended {
  @Field(() => [ReceiptType])
  receipts: ReceiptType[];

  @Field(() => ChainHeadType)
  head: ChainHead;

  constructor({ entries, head }: { entries: EntryRecord[]; head: ChainHead }) {
    this.receipts = entries.map(toReceipt);
    this.head = head;
  }
}

export const AppendEntriesResult = createUnionType({
  name: "AppendEntriesResult",
  types: () => [EntriesAppended, HeadStale, EntryConflict, Refused] as const,
});

@ObjectType("ReceiptShown")
export class ReceiptShown {
  @Field(() => ChainHeadType)
  head: ChainHead;

  constructor(head: ChainHead) {
    this.head = head;
  }
}

export const ShowReceiptResult = createUnionType({
  name: "ShowReceiptResult",
  types: () => [ReceiptShown, HeadStale, Refused] as const,
});
