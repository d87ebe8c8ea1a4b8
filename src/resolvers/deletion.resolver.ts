import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import { requireViewer } from "./authentication.ts";
import type { RelayContext } from "./context.ts";
import { DeleteAccountInput } from "./deletion.input.ts";
import { AccountDeleted, DeleteAccountResult } from "./deletion.result.ts";

@Resolver()
export class DeletionResolver {
  @Mutation(() => DeleteAccountResult)
  async deleteAccount(@Arg("input", () => DeleteAccountInput) input: DeleteAccountInput, @Ctx() context: RelayContext): Promise<typeof DeleteAccountResult> {
    return new AccountDeleted(await context.services.deletion.delete(requireViewer(context), input));
  }
}
