import { Arg, Ctx, Resolver, Root, Subscription } from "type-graphql";
import { asOf } from "../domain/friends/friendship-policy.ts";
import type { EntryDelivery as Delivery, FriendshipEventDelivery, Position, ThoughtRecord } from "../domain/ports/index.ts";
import { requireViewer } from "./authentication.ts";
import type { RelayContext } from "./context.ts";
import { FriendshipEventType, toFriendship } from "./friendship.type.ts";
import { SequenceScalar } from "./scalars.ts";
import { CaughtUp, EntryAppended, EntryDelivery, PositionInput } from "./subscription.type.ts";
import { ThoughtType, toThought } from "./thought.type.ts";

interface Begin<Arguments> {
  args: Arguments;
  context: RelayContext;
}

/**
 * What each subscription answers to a delivery. The arguments say where a stream begins and nothing of this, so the
 * executor calls these without waiting for arguments: what many share is ready as soon as the first one asks.
 */
export const deliveryResolvers = {
  thoughtCreated: (thought: ThoughtRecord): ThoughtType => toThought(thought),
  entryAppended: (delivery: Delivery): typeof EntryDelivery =>
    delivery.kind === "entry" ? new EntryAppended(delivery.entry) : new CaughtUp(delivery.authors),
  friendshipChanged: ({ event, friendship }: FriendshipEventDelivery, _: unknown, { services }: RelayContext): FriendshipEventType => ({
    number: event.number,
    kind: event.kind,
    friendship: toFriendship(asOf(services.clock.nowMs(), friendship)),
  }),
};

/** Each stream comes from the domain, for the viewer and nobody else; what is delivered is mapped here. */
@Resolver()
export class SubscriptionResolver {
  @Subscription(() => ThoughtType, {
    subscribe: ({ args, context }: Begin<{ after?: Position[] | null }>) =>
      context.services.feedSource.thoughts(requireViewer(context), args.after ?? [], context.stream),
  })
  thoughtCreated(
    @Arg("after", () => [PositionInput], { nullable: true }) _after: PositionInput[] | null,
    @Root() thought: ThoughtRecord,
  ): ThoughtType {
    return deliveryResolvers.thoughtCreated(thought);
  }

  @Subscription(() => EntryDelivery, {
    subscribe: ({ args, context }: Begin<{ after: Position[] }>) =>
      context.services.feedSource.entries(requireViewer(context), args.after, context.stream),
  })
  entryAppended(@Arg("after", () => [PositionInput]) _after: PositionInput[], @Root() delivery: Delivery): typeof EntryDelivery {
    return deliveryResolvers.entryAppended(delivery);
  }

  @Subscription(() => FriendshipEventType, {
    subscribe: ({ args, context }: Begin<{ after: number }>) =>
      context.services.feedSource.friendshipEvents(requireViewer(context), args.after),
  })
  friendshipChanged(
    @Arg("after", () => SequenceScalar, { defaultValue: 0 }) _after: number,
    @Root() delivery: FriendshipEventDelivery,
    @Ctx() context: RelayContext,
  ): FriendshipEventType {
    return deliveryResolvers.friendshipChanged(delivery, undefined, context);
  }
}
