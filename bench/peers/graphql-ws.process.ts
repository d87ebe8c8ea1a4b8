import { createServer } from "node:http";
import { makeExecutableSchema } from "@graphql-tools/schema";
import { useServer } from "graphql-ws/use/ws";
import { WebSocketServer } from "ws";
import { resolvers, SDL, servePeer } from "./feed.ts";
import { listenOnLoopback } from "./listen-on-loopback.ts";

servePeer(async () => {
  const server = createServer();
  const schema = makeExecutableSchema({ typeDefs: SDL, resolvers });
  useServer({ schema }, new WebSocketServer({ server, path: "/graphql" }));
  return { port: await listenOnLoopback(server), path: "/graphql" };
});
