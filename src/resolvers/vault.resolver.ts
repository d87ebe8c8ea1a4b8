import { Arg, Ctx, Mutation, Query, Resolver } from "type-graphql";
import { requireViewer } from "./authentication.ts";
import type { RelayContext } from "./context.ts";
import { SaveVaultInput } from "./vault.input.ts";
import { SaveVaultResult, VaultSaved } from "./vault.result.ts";
import { VaultType } from "./vault.type.ts";

@Resolver()
export class VaultResolver {
  @Query(() => VaultType)
  vault(@Ctx() context: RelayContext): Promise<VaultType> {
    return context.services.vault.get(requireViewer(context));
  }

  @Mutation(() => SaveVaultResult)
  async saveVault(
    @Arg("input", () => SaveVaultInput) { expectedVersion, vault }: SaveVaultInput,
    @Ctx() context: RelayContext,
  ): Promise<typeof SaveVaultResult> {
    return new VaultSaved(await context.services.vault.save(requireViewer(context), expectedVersion, vault));
  }
}
