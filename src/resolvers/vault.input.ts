import { Field, InputType, Int } from "type-graphql";
import type { VaultItemRecord } from "../domain/ports/index.ts";
import type { VaultInput as Vault } from "../domain/vault/verify-vault.ts";
import { BytesScalar } from "./scalars.ts";

@InputType("VaultItemInput")
export class VaultItemInput implements VaultItemRecord {
  @Field(() => Int)
  item!: number;

  @Field(() => Int)
  itemVersion!: number;

  @Field(() => BytesScalar)
  sealed!: Uint8Array;
}

@InputType("VaultInput")
export class VaultInput implements Vault {
  @Field(() => BytesScalar)
  manifest!: Uint8Array;

  @Field(() => [VaultItemInput])
  items!: VaultItemInput[];
}

@InputType("SaveVaultInput")
export class SaveVaultInput {
  @Field(() => Int)
  expectedVersion!: number;

  @Field(() => VaultInput)
  vault!: VaultInput;
}
