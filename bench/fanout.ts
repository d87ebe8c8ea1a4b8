import { measureFanout } from "./harness/fanout.ts";
import { atLeast, atMost, type Bench } from "./harness/bench.ts";

/** Server CPU per delivery when entries come one at a time. */
export const bench: Bench = {
  name: "fanout",
  title: "one entry at a time to 500 and 3 000 sockets: server CPU per delivery",
  run: (tools) =>
    measureFanout(tools, {
      bench: "fanout",
      entriesPerRound: 1,
      sizes: [
        { sockets: 500, rounds: 40 },
        { sockets: 3_000, rounds: 6 },
      ],
      ratios: (sockets, { relay, raw, graphql }) => [
        atMost(`relay / raw ws, ${sockets} sockets`, relay / raw, 1.25),
        atLeast(`best GraphQL peer / relay, ${sockets} sockets`, graphql / relay, 4),
      ],
    }),
};
