import { Arg, Ctx, FieldResolver, Int, Mutation, Query, Resolver, Root } from "type-graphql";
import { peerOf } from "../domain/friends/friendship-policy.ts";
import type { FriendshipRecordRow, Page } from "../domain/ports/index.ts";
import type { FriendshipId } from "../protocol/index.ts";
import { requireViewer } from "./authentication.ts";
import type { RelayContext } from "./context.ts";
import { cursorId, encodeCursor, encodeCursorId, parseCursor } from "./cursor.ts";
import {
  AcceptFriendshipInput,
  CancelFriendshipInput,
  ConfirmFriendshipInput,
  DeclineFriendshipInput,
  EndFriendshipInput,
  RequestFriendshipInput,
} from "./friendship.input.ts";
import {
  AcceptFriendshipResult,
  CancelFriendshipResult,
  ConfirmFriendshipResult,
  DeclineFriendshipResult,
  EndFriendshipResult,
  FriendshipAccepted,
  FriendshipCancelled,
  FriendshipConfirmed,
  FriendshipDeclined,
  FriendshipEnded,
  FriendshipRequested,
  RequestFriendshipResult,
} from "./friendship.result.ts";
import { FriendshipConnection, FriendshipType, RequestDirection, toFriendship } from "./friendship.type.ts";
import { loadUser } from "./loaders.ts";
import { pageSize, toConnection } from "./page.type.ts";
import { CursorScalar, FriendshipIdScalar } from "./scalars.ts";
import { toUser, UserType } from "./user.type.ts";
import { ViewerType } from "./viewer.type.ts";

const MAX_PAGE = 100;

@Resolver(() => FriendshipType)
export class FriendshipResolver {
  @Query(() => FriendshipType, { nullable: true })
  async friendship(@Arg("id", () => FriendshipIdScalar) id: FriendshipId, @Ctx() context: RelayContext): Promise<FriendshipType | null> {
    return toOptionalFriendship(await context.services.friendships.find(requireViewer(context), id));
  }

  @Mutation(() => RequestFriendshipResult)
  async requestFriendship(
    @Arg("input", () => RequestFriendshipInput) { record }: RequestFriendshipInput,
    @Ctx() context: RelayContext,
  ): Promise<typeof RequestFriendshipResult> {
    return new FriendshipRequested(await context.services.friendships.request(requireViewer(context), record));
  }

  @Mutation(() => AcceptFriendshipResult)
  async acceptFriendship(
    @Arg("input", () => AcceptFriendshipInput) { record, grant }: AcceptFriendshipInput,
    @Ctx() context: RelayContext,
  ): Promise<typeof AcceptFriendshipResult> {
    return new FriendshipAccepted(await context.services.friendships.accept(requireViewer(context), record, grant));
  }

  @Mutation(() => ConfirmFriendshipResult)
  async confirmFriendship(
    @Arg("input", () => ConfirmFriendshipInput) { record, grant }: ConfirmFriendshipInput,
    @Ctx() context: RelayContext,
  ): Promise<typeof ConfirmFriendshipResult> {
    return new FriendshipConfirmed(await context.services.friendships.confirm(requireViewer(context), record, grant));
  }

  @Mutation(() => DeclineFriendshipResult)
  async declineFriendship(
    @Arg("input", () => DeclineFriendshipInput) { record }: DeclineFriendshipInput,
    @Ctx() context: RelayContext,
  ): Promise<typeof DeclineFriendshipResult> {
    return new FriendshipDeclined(await context.services.friendships.decline(requireViewer(context), record));
  }

  @Mutation(() => CancelFriendshipResult)
  async cancelFriendship(
    @Arg("input", () => CancelFriendshipInput) { record }: CancelFriendshipInput,
    @Ctx() context: RelayContext,
  ): Promise<typeof CancelFriendshipResult> {
    return new FriendshipCancelled(await context.services.friendships.cancel(requireViewer(context), record));
  }

  @Mutation(() => EndFriendshipResult)
  async endFriendship(@Arg("input", () => EndFriendshipInput) input: EndFriendshipInput, @Ctx() context: RelayContext): Promise<typeof EndFriendshipResult> {
    return new FriendshipEnded(await context.services.friendships.end(requireViewer(context), input));
  }

  @FieldResolver(() => UserType)
  async requester(@Root() { requesterId }: FriendshipType, @Ctx() { loaders }: RelayContext): Promise<UserType> {
    return toUser(await loadUser(loaders, requesterId));
  }

  @FieldResolver(() => UserType)
  async accepter(@Root() { accepterId }: FriendshipType, @Ctx() { loaders }: RelayContext): Promise<UserType> {
    return toUser(await loadUser(loaders, accepterId));
  }

  @FieldResolver(() => UserType)
  async peer(@Root() { requesterId, accepterId }: FriendshipType, @Ctx() context: RelayContext): Promise<UserType> {
    const peer = peerOf(requireViewer(context).userId, { requester: requesterId, accepter: accepterId });
    return toUser(await loadUser(context.loaders, peer));
  }
}

/** What is between a user and the viewer. */
@Resolver(() => UserType)
export class UserFriendshipResolver {
  @FieldResolver(() => FriendshipType, { nullable: true })
  async friendship(@Root() { id }: UserType, @Ctx() context: RelayContext): Promise<FriendshipType | null> {
    return toOptionalFriendship(await context.loaders.newestFriendships(requireViewer(context)).load(id));
  }
}

/** The viewer's lists. */
@Resolver(() => ViewerType)
export class ViewerFriendshipsResolver {
  @FieldResolver(() => FriendshipConnection)
  async friends(
    @Arg("first", () => Int, { defaultValue: 50 }) first: number,
    @Arg("after", () => CursorScalar, { nullable: true }) after: string | null,
    @Ctx() context: RelayContext,
  ): Promise<FriendshipConnection> {
    const place = { before: parsePlace(after), first: pageSize(first, MAX_PAGE) };
    return toFriendships(await context.services.friendships.listFriends(requireViewer(context), place));
  }

  @FieldResolver(() => FriendshipConnection)
  async requests(
    @Arg("direction", () => RequestDirection, { nullable: true }) direction: RequestDirection | null,
    @Arg("first", () => Int, { defaultValue: 50 }) first: number,
    @Arg("after", () => CursorScalar, { nullable: true }) after: string | null,
    @Ctx() context: RelayContext,
  ): Promise<FriendshipConnection> {
    const place = { before: parsePlace(after), first: pageSize(first, MAX_PAGE) };
    return toFriendships(await context.services.friendships.listRequests(requireViewer(context), { ...place, direction: direction ?? undefined }));
  }
}

function parsePlace(cursor: string | null): { changedAtMs: number; id: FriendshipId } | undefined {
  const place = parseCursor(cursor, "number", "string");
  return place && { changedAtMs: place[0], id: cursorId(place[1]) };
}

function toFriendships(page: Page<FriendshipRecordRow>): FriendshipConnection {
  return toConnection(page, toFriendship, ({ changedAtMs, id }) => encodeCursor(changedAtMs, encodeCursorId(id)));
}

function toOptionalFriendship(row: FriendshipRecordRow | undefined): FriendshipType | null {
  return row ? toFriendship(row) : null;
}
