import { Arg, Ctx, FieldResolver, Int, Mutation, Query, Resolver, Root } from "type-graphql";
import type { UserId } from "../protocol/index.ts";
import { requireViewer } from "./authentication.ts";
import type { RelayContext } from "./context.ts";
import { cursorId, encodeCursor, encodeCursorId, parseCursor } from "./cursor.ts";
import { AskForGrantInput, StoreGrantsInput } from "./grant.input.ts";
import { AskForGrantResult, GrantAsked, GrantsStored, StoreGrantsResult } from "./grant.result.ts";
import { GrantConnection, MissingGrantType, toGrant } from "./grant.type.ts";
import { loadUser } from "./loaders.ts";
import { pageSize, toConnection } from "./page.type.ts";
import { CursorScalar, UserIdScalar } from "./scalars.ts";
import { toUser, UserType } from "./user.type.ts";

const MAX_PAGE = 200;
const MAX_MISSING = 1000;

@Resolver(() => MissingGrantType)
export class GrantResolver {
  @Query(() => GrantConnection)
  async grants(
    @Arg("author", () => UserIdScalar, { nullable: true }) author: UserId | null,
    @Arg("first", () => Int, { defaultValue: 100 }) first: number,
    @Arg("after", () => CursorScalar, { nullable: true }) after: string | null,
    @Ctx() context: RelayContext,
  ): Promise<GrantConnection> {
    const place = parseCursor(after, "string", "number", "number");
    const page = await context.services.grants.list(requireViewer(context), {
      author: author ?? undefined,
      after: place && { author: cursorId(place[0]), kind: place[1], epoch: place[2] },
      first: pageSize(first, MAX_PAGE),
    });
    return toConnection(page, toGrant, (grant) => encodeCursor(encodeCursorId(grant.author), grant.kind, grant.epoch));
  }

  @Query(() => [MissingGrantType])
  async missingGrants(@Arg("first", () => Int, { defaultValue: 100 }) first: number, @Ctx() context: RelayContext): Promise<MissingGrantType[]> {
    const missing = await context.services.grants.listMissing(requireViewer(context), pageSize(first, MAX_MISSING));
    return missing.map(({ recipient, asked }) => ({ recipientId: recipient, asked }));
  }

  @Mutation(() => StoreGrantsResult)
  async storeGrants(@Arg("input", () => StoreGrantsInput) { grants }: StoreGrantsInput, @Ctx() context: RelayContext): Promise<typeof StoreGrantsResult> {
    return new GrantsStored(await context.services.grants.store(requireViewer(context), grants));
  }

  @Mutation(() => AskForGrantResult)
  async askForGrant(@Arg("input", () => AskForGrantInput) { author }: AskForGrantInput, @Ctx() context: RelayContext): Promise<typeof AskForGrantResult> {
    return new GrantAsked(await context.services.grants.ask(requireViewer(context), author));
  }

  @FieldResolver(() => UserType)
  async recipient(@Root() { recipientId }: MissingGrantType, @Ctx() { loaders }: RelayContext): Promise<UserType> {
    return toUser(await loadUser(loaders, recipientId));
  }
}
