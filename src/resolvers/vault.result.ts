import { createUnionType, Field, Int, ObjectType } from "type-graphql";
import { Refusal, Refused } from "./refusal.type.ts";

@ObjectType("VaultStale", { implements: Refusal })
export class VaultStale extends Refusal {
  @Field(() => Int)
  version: number;

  constructor(refusal: ConstructorParameters<typeof Refusal>[0]) {
    super(refusal);
    this.version = refusal.details["version"] as number;
  }
}

@ObjectType("VaultSaved")
export class VaultSaved {
  @Field(() => Int)
  version: number;

  constructor(version: number) {
    this.version = version;
  }
}

export const SaveVaultResult = createUnionType({
  name: "SaveVaultResult",
  types: () => [VaultSaved, VaultStale, Refused] as const,
});
