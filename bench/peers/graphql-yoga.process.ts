import { createServer } from "node:http";
import type { execute, ExecutionArgs, subscribe } from "graphql";
import { useServer } from "graphql-ws/use/ws";
import { createSchema, createYoga } from "graphql-yoga";
import { WebSocketServer } from "ws";
import { resolvers, SDL, servePeer } from "./feed.ts";
import { listenOnLoopback } from "./listen-on-loopback.ts";

type Root = { execute: typeof execute; subscribe: typeof subscribe };

// As the documentation of graphql-yoga puts it together with graphql-ws.
servePeer(async () => {
  const yoga = createYoga({ schema: createSchema({ typeDefs: SDL, resolvers }), graphiql: false, logging: false });
  const server = createServer((request, response) => void yoga(request, response));
  useServer(
    {
      execute: (args: ExecutionArgs) => (args.rootValue as Root).execute(args),
      subscribe: (args: ExecutionArgs) => (args.rootValue as Root).subscribe(args),
      async onSubscribe(context, _id, params) {
        const { schema, execute, subscribe, contextFactory, parse, validate } = yoga.getEnveloped({
          ...context,
          req: context.extra.request,
          socket: context.extra.socket,
          params,
        });
        const args = {
          schema,
          operationName: params.operationName,
          document: parse(params.query),
          variableValues: params.variables,
          contextValue: await contextFactory(),
          rootValue: { execute, subscribe },
        };
        const errors = validate(args.schema, args.document);
        return errors.length > 0 ? errors : args;
      },
    },
    new WebSocketServer({ server, path: yoga.graphqlEndpoint }),
  );
  return { port: await listenOnLoopback(server), path: yoga.graphqlEndpoint };
});
