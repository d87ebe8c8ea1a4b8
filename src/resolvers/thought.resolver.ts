import { Arg, Ctx, FieldResolver, Int, Mutation, Query, Resolver, Root } from "type-graphql";
import type { UserId } from "../protocol/index.ts";
import { requireViewer } from "./authentication.ts";
import type { RelayContext } from "./context.ts";
import { cursorId, encodeCursor, encodeCursorId, parseCursor } from "./cursor.ts";
import { loadUser } from "./loaders.ts";
import { pageSize, toConnection } from "./page.type.ts";
import { CursorScalar, SequenceScalar, UserIdScalar } from "./scalars.ts";
import { CreateThoughtInput, WithdrawThoughtInput } from "./thought.input.ts";
import { CreateThoughtResult, ThoughtCreated, ThoughtWithdrawn, WithdrawThoughtResult } from "./thought.result.ts";
import { ThoughtConnection, ThoughtType, toThought } from "./thought.type.ts";
import { toUser, UserType } from "./user.type.ts";

const MAX_PAGE = 100;

@Resolver(() => ThoughtType)
export class ThoughtResolver {
  @Query(() => ThoughtType, { nullable: true })
  async thought(
    @Arg("author", () => UserIdScalar) author: UserId,
    @Arg("seq", () => SequenceScalar) seq: number,
    @Ctx() context: RelayContext,
  ): Promise<ThoughtType | null> {
    const thought = await context.services.thoughts.find(requireViewer(context), author, seq);
    return thought ? toThought(thought) : null;
  }

  @Query(() => ThoughtConnection)
  async feed(
    @Arg("first", () => Int, { defaultValue: 20 }) first: number,
    @Arg("after", () => CursorScalar, { nullable: true }) after: string | null,
    @Ctx() context: RelayContext,
  ): Promise<ThoughtConnection> {
    const place = parseCursor(after, "number", "string", "number");
    const page = await context.services.feed.list(requireViewer(context), {
      before: place && { receivedAtMs: place[0], author: cursorId(place[1]), seq: place[2] },
      first: pageSize(first, MAX_PAGE),
    });
    return toConnection(page, toThought, ({ receivedAtMs, author, seq }) => encodeCursor(receivedAtMs, encodeCursorId(author), seq));
  }

  @Mutation(() => CreateThoughtResult)
  async createThought(
    @Arg("input", () => CreateThoughtInput) { entry }: CreateThoughtInput,
    @Ctx() context: RelayContext,
  ): Promise<typeof CreateThoughtResult> {
    return new ThoughtCreated(await context.services.thoughts.create(requireViewer(context), entry));
  }

  @Mutation(() => WithdrawThoughtResult)
  async withdrawThought(
    @Arg("input", () => WithdrawThoughtInput) { entry }: WithdrawThoughtInput,
    @Ctx() context: RelayContext,
  ): Promise<typeof WithdrawThoughtResult> {
    return new ThoughtWithdrawn(await context.services.thoughts.withdraw(requireViewer(context), entry));
  }

  @FieldResolver(() => UserType)
  async author(@Root() { authorId }: ThoughtType, @Ctx() { loaders }: RelayContext): Promise<UserType> {
    return toUser(await loadUser(loaders, authorId));
  }
}

/** What a user wrote, as far as the viewer may see it. */
@Resolver(() => UserType)
export class UserThoughtsResolver {
  @FieldResolver(() => ThoughtConnection)
  async thoughts(
    @Root() { id }: UserType,
    @Arg("first", () => Int, { defaultValue: 20 }) first: number,
    @Arg("after", () => CursorScalar, { nullable: true }) after: string | null,
    @Ctx() context: RelayContext,
  ): Promise<ThoughtConnection> {
    const [before] = parseCursor(after, "number") ?? [];
    const page = await context.loaders.thoughts(requireViewer(context), { before, first: pageSize(first, MAX_PAGE) }).load(id);
    return toConnection(page, toThought, ({ seq }) => encodeCursor(seq));
  }
}
