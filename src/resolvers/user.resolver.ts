import { Arg, Ctx, FieldResolver, Int, Mutation, Query, Resolver, Root } from "type-graphql";
import type { UserRecord } from "../domain/ports/index.ts";
import type { UserId } from "../protocol/index.ts";
import { requireViewer } from "./authentication.ts";
import type { RelayContext } from "./context.ts";
import { encodeCursor, parseCursor } from "./cursor.ts";
import { pageSize, toConnection } from "./page.type.ts";
import { CursorScalar, EmailHashScalar, ShortTextScalar, UserIdScalar, UsernameScalar } from "./scalars.ts";
import { SetEmailInput } from "./user.input.ts";
import { EmailSet, SetEmailResult } from "./user.result.ts";
import { IdentityCardType, toIdentityCard, toUser, UserByEmailType, UserConnection, UserType } from "./user.type.ts";

const MAX_PAGE = 100;

@Resolver(() => UserType)
export class UserResolver {
  @Query(() => UserType, { nullable: true })
  async user(@Arg("id", () => UserIdScalar) id: UserId, @Ctx() context: RelayContext): Promise<UserType | null> {
    return toOptionalUser(await context.services.users.findById(requireViewer(context), id));
  }

  @Query(() => UserType, { nullable: true })
  async userByName(@Arg("username", () => UsernameScalar) username: string, @Ctx() context: RelayContext): Promise<UserType | null> {
    return toOptionalUser(await context.services.users.findByUsername(requireViewer(context), username));
  }

  @Query(() => UserByEmailType, { nullable: true })
  async userByEmail(@Arg("email", () => EmailHashScalar) email: Uint8Array, @Ctx() context: RelayContext): Promise<UserByEmailType | null> {
    const user = await context.services.users.findByEmail(requireViewer(context), email);
    return user ? { user: toUser(user), proven: false } : null;
  }

  @Query(() => UserConnection)
  async users(
    @Arg("search", () => ShortTextScalar, { nullable: true }) search: string | null,
    @Arg("first", () => Int, { defaultValue: 20 }) first: number,
    @Arg("after", () => CursorScalar, { nullable: true }) after: string | null,
    @Ctx() context: RelayContext,
  ): Promise<UserConnection> {
    const [afterUsername] = parseCursor(after, "string") ?? [];
    const page = await context.services.users.list(requireViewer(context), {
      prefix: search ?? "",
      afterUsername,
      first: pageSize(first, MAX_PAGE),
    });
    return toConnection(page, toUser, ({ username }) => encodeCursor(username));
  }

  @Mutation(() => SetEmailResult)
  async setEmail(@Arg("input", () => SetEmailInput) { email }: SetEmailInput, @Ctx() context: RelayContext): Promise<typeof SetEmailResult> {
    return new EmailSet(await context.services.users.setEmail(requireViewer(context), email ?? undefined));
  }

  @FieldResolver(() => IdentityCardType)
  async card(@Root() { id }: UserType, @Ctx() { loaders }: RelayContext): Promise<IdentityCardType> {
    const card = await loaders.currentCards.load(id);
    if (!card) throw new Error("a user without a card");
    return toIdentityCard(card);
  }

  @FieldResolver(() => [IdentityCardType])
  async cards(@Root() { id }: UserType, @Ctx() { loaders }: RelayContext): Promise<IdentityCardType[]> {
    return (await loaders.cards.load(id)).map(toIdentityCard);
  }
}

function toOptionalUser(user: UserRecord | undefined): UserType | null {
  return user ? toUser(user) : null;
}
