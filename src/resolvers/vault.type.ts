import { Field, Int, ObjectType } from "type-graphql";
import type { VaultItemRecord, VaultRecord } from "../domain/ports/index.ts";
import { BytesScalar } from "./scalars.ts";

@ObjectType("VaultItem")
export class VaultItemType implements VaultItemRecord {
  @Field(() => Int)
  item!: number;

  @Field(() => Int)
  itemVersion!: number;

  @Field(() => BytesScalar)
  sealed!: Uint8Array;
}

@ObjectType("Vault")
export class VaultType implements VaultRecord {
  @Field(() => Int)
  version!: number;

  @Field(() => BytesScalar)
  manifest!: Uint8Array;

  @Field(() => [VaultItemType])
  items!: VaultItemType[];
}
