import { Ctx, FieldResolver, Query, Resolver } from "type-graphql";
import type { RelayContext } from "./context.ts";
import { RelayType } from "./relay.type.ts";

@Resolver(() => RelayType)
export class RelayResolver {
  @Query(() => RelayType)
  relay(@Ctx() { services }: RelayContext): RelayType {
    return { ...services.relay, time: services.clock.nowMs() };
  }

  @FieldResolver(() => Boolean)
  needsInvitation(@Ctx() { services }: RelayContext): Promise<boolean> {
    return services.invitations.isRequired();
  }
}
