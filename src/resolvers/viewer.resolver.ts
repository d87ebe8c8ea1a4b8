import { Ctx, FieldResolver, Int, Query, Resolver } from "type-graphql";
import type { UserRecord } from "../domain/ports/index.ts";
import { requireViewer } from "./authentication.ts";
import { ChainHeadType } from "./chain-head.type.ts";
import type { RelayContext } from "./context.ts";
import { loadUser } from "./loaders.ts";
import { SequenceScalar } from "./scalars.ts";
import { SessionType, toSession } from "./session.type.ts";
import { toUser, UserType } from "./user.type.ts";
import { ViewerType } from "./viewer.type.ts";

@Resolver(() => ViewerType)
export class ViewerResolver {
  @Query(() => ViewerType)
  viewer(): ViewerType {
    return new ViewerType();
  }

  @FieldResolver(() => UserType)
  async user(@Ctx() context: RelayContext): Promise<UserType> {
    return toUser(await loadViewer(context));
  }

  @FieldResolver(() => SessionType)
  async session(@Ctx() context: RelayContext): Promise<SessionType> {
    return toSession(await context.services.sessions.get(requireViewer(context)));
  }

  @FieldResolver(() => [SessionType])
  async sessions(@Ctx() context: RelayContext): Promise<SessionType[]> {
    return (await context.services.sessions.list(requireViewer(context))).map(toSession);
  }

  @FieldResolver(() => ChainHeadType)
  async head(@Ctx() context: RelayContext): Promise<ChainHeadType> {
    return context.services.chains.getHead(requireViewer(context));
  }

  @FieldResolver(() => Int)
  async vaultVersion(@Ctx() context: RelayContext): Promise<number> {
    return context.services.vault.getVersion(requireViewer(context));
  }

  @FieldResolver(() => Int)
  async wrapVersion(@Ctx() context: RelayContext): Promise<number> {
    return context.services.passwords.getWrapVersion(requireViewer(context));
  }

  @FieldResolver(() => Boolean)
  async listedByEmail(@Ctx() context: RelayContext): Promise<boolean> {
    return (await loadViewer(context)).listedByEmail;
  }

  @FieldResolver(() => SequenceScalar)
  async eventNumber(@Ctx() context: RelayContext): Promise<number> {
    return (await loadViewer(context)).eventNumber;
  }
}

function loadViewer(context: RelayContext): Promise<UserRecord> {
  return loadUser(context.loaders, requireViewer(context).userId);
}
