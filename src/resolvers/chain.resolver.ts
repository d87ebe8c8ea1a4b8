import { Arg, Ctx, Int, Mutation, Query, Resolver } from "type-graphql";
import { EntryType, type UserId } from "../protocol/index.ts";
import { requireViewer } from "./authentication.ts";
import { AppendEntriesInput, ShowReceiptInput } from "./chain.input.ts";
import { AppendEntriesResult, EntriesAppended, ReceiptShown, ShowReceiptResult } from "./chain.result.ts";
import type { RelayContext } from "./context.ts";
import { encodeCursor } from "./cursor.ts";
import { ChainOrder, EntryConnection, toEntry } from "./entry.type.ts";
import { pageSize, toConnection } from "./page.type.ts";
import { SequenceScalar, UserIdScalar } from "./scalars.ts";

const MAX_PAGE = 500;

@Resolver()
export class ChainResolver {
  @Query(() => EntryConnection)
  async chain(
    @Arg("author", () => UserIdScalar) author: UserId,
    @Arg("after", () => SequenceScalar, { nullable: true }) after: number | null,
    @Arg("before", () => SequenceScalar, { nullable: true }) before: number | null,
    @Arg("first", () => Int, { defaultValue: 100 }) first: number,
    @Arg("types", () => [EntryType], { nullable: true }) types: number[] | null,
    @Arg("order", () => ChainOrder, { defaultValue: ChainOrder.OLDEST_FIRST }) order: ChainOrder,
    @Ctx() context: RelayContext,
  ): Promise<EntryConnection> {
    const page = await context.services.chains.read(requireViewer(context), {
      author,
      after: after ?? undefined,
      before: before ?? undefined,
      types: types ?? undefined,
      newestFirst: order === ChainOrder.NEWEST_FIRST,
      first: pageSize(first, MAX_PAGE),
    });
    return { ...toConnection(page, toEntry, ({ seq }) => encodeCursor(seq)), head: page.head };
  }

  @Mutation(() => AppendEntriesResult)
  async appendEntries(
    @Arg("input", () => AppendEntriesInput) { entries, grants }: AppendEntriesInput,
    @Ctx() context: RelayContext,
  ): Promise<typeof AppendEntriesResult> {
    return new EntriesAppended(await context.services.chains.append(requireViewer(context), entries, grants));
  }

  @Mutation(() => ShowReceiptResult)
  async showReceipt(
    @Arg("input", () => ShowReceiptInput) { receipt }: ShowReceiptInput,
    @Ctx() context: RelayContext,
  ): Promise<typeof ShowReceiptResult> {
    return new ReceiptShown(await context.services.chains.showReceipt(requireViewer(context), receipt));
  }
}
