import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import { requireViewer } from "./authentication.ts";
import { ReplaceCardInput } from "./card.input.ts";
import { CardReplaced, ReplaceCardResult } from "./card.result.ts";
import type { RelayContext } from "./context.ts";

@Resolver()
export class CardResolver {
  @Mutation(() => ReplaceCardResult)
  async replaceCard(
    @Arg("input", () => ReplaceCardInput) { registrationRecord, passwordWrap, recoveryWrap, recoveryVerifier, ...input }: ReplaceCardInput,
    @Ctx() context: RelayContext,
  ): Promise<typeof ReplaceCardResult> {
    const recovery = { wrap: recoveryWrap, verifier: recoveryVerifier };
    const credentials = { registrationRecord, passwordWrap, recovery };
    return new CardReplaced(await context.services.cards.replace(requireViewer(context), { ...input, credentials }));
  }
}
