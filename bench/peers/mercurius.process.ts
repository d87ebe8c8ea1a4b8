import type { AddressInfo } from "node:net";
import { fastify } from "fastify";
import mercurius, { type IResolvers } from "mercurius";
import { resolvers, SDL, servePeer } from "./feed.ts";

servePeer(async () => {
  const app = fastify();
  await app.register(mercurius, { schema: SDL, resolvers: resolvers as IResolvers, subscription: true });
  await app.listen({ port: 0, host: "127.0.0.1" });
  return { port: (app.server.address() as AddressInfo).port, path: "/graphql" };
});
