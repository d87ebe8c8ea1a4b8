import "reflect-metadata";
import { makeExecutableSchema } from "@graphql-tools/schema";
import type { GraphQLFieldResolver, GraphQLSchema } from "graphql";
import { buildSchemaSync, createResolversMap, type PubSub } from "type-graphql";
import { PUBLIC_FIELDS, requireViewer } from "./authentication.ts";
import { CardResolver } from "./card.resolver.ts";
import { ChainResolver } from "./chain.resolver.ts";
import type { RelayContext } from "./context.ts";
import { DeletionResolver } from "./deletion.resolver.ts";
import { FriendshipResolver, UserFriendshipResolver, ViewerFriendshipsResolver } from "./friendship.resolver.ts";
import { GrantResolver } from "./grant.resolver.ts";
import { KeyLogResolver } from "./key-log.resolver.ts";
import { PasswordResolver } from "./password.resolver.ts";
import { answerRefusals } from "./refusals.ts";
import { RegistrationResolver } from "./registration.resolver.ts";
import { RelayResolver } from "./relay.resolver.ts";
import { SessionResolver } from "./session.resolver.ts";
import { deliveryResolvers, SubscriptionResolver } from "./subscription.resolver.ts";
import { ThoughtResolver, UserThoughtsResolver } from "./thought.resolver.ts";
import { UserResolver } from "./user.resolver.ts";
import { VaultResolver } from "./vault.resolver.ts";
import { ViewerResolver } from "./viewer.resolver.ts";

type RootResolver = GraphQLFieldResolver<unknown, RelayContext>;

/** Streams come from the domain's FeedSource: nobody publishes through type-graphql. */
const noPubSub: PubSub = {
  publish() {
    throw new Error("nothing is published through the schema");
  },
  subscribe() {
    throw new Error("subscriptions bring their own stream");
  },
};

/** The schema that the resolver classes describe. It must say what schema.graphql says; a test compares them. */
export function buildDescribedSchema(): GraphQLSchema {
  return buildSchemaSync({
    resolvers: [
      CardResolver,
      ChainResolver,
      DeletionResolver,
      FriendshipResolver,
      GrantResolver,
      KeyLogResolver,
      PasswordResolver,
      RegistrationResolver,
      RelayResolver,
      SessionResolver,
      SubscriptionResolver,
      ThoughtResolver,
      UserFriendshipResolver,
      UserResolver,
      UserThoughtsResolver,
      VaultResolver,
      ViewerFriendshipsResolver,
      ViewerResolver,
    ],
    pubSub: noPubSub,
    // The scalars check every value already.
    validate: false,
  });
}

/**
 * The schema that is served: the text of schema.graphql with the resolvers behind it. Every root field outside of
 * PUBLIC_FIELDS wants a viewer, and every mutation answers refusals; subscriptions ask for the viewer when they begin.
 */
export function buildRelaySchema(typeDefs: string): GraphQLSchema {
  const resolvers = createResolversMap(buildDescribedSchema()) as Record<string, Record<string, RootResolver>>;
  const queries = mapFields(resolvers["Query"], (name, resolve) => guard(`Query.${name}`, resolve));
  const mutations = mapFields(resolvers["Mutation"], (name, resolve) => answering(guard(`Mutation.${name}`, resolve)));
  const streams = resolvers["Subscription"] as unknown as Record<keyof typeof deliveryResolvers, object>;
  const subscriptions = Object.fromEntries(Object.entries(deliveryResolvers).map(([name, resolve]) => [name, { ...streams[name as keyof typeof streams], resolve }]));
  return makeExecutableSchema({ typeDefs, resolvers: { ...resolvers, Query: queries, Mutation: mutations, Subscription: subscriptions } });
}

function guard(field: string, resolve: RootResolver): RootResolver {
  if (PUBLIC_FIELDS.has(field)) return resolve;
  return (root, args, context, info) => {
    requireViewer(context);
    return resolve(root, args, context, info);
  };
}

function answering(resolve: RootResolver): RootResolver {
  return (root, args, context, info) => answerRefusals(info, () => resolve(root, args, context, info));
}

function mapFields(fields: Record<string, RootResolver> = {}, wrap: (name: string, resolve: RootResolver) => RootResolver): Record<string, RootResolver> {
  return Object.fromEntries(Object.entries(fields).map(([name, resolve]) => [name, wrap(name, resolve)]));
}
