import { measureFanout } from "./harness/fanout.ts";
import { atLeast, atMost, type Bench } from "./harness/bench.ts";

/** Server CPU per delivery when eight entries come in one tick. */
export const bench: Bench = {
  name: "fanout-burst",
  title: "8 entries a tick to 500 and 3 000 sockets: server CPU per delivery",
  run: (tools) =>
    measureFanout(tools, {
      bench: "fanout-burst",
      entriesPerRound: 8,
      sizes: [
        { sockets: 500, rounds: 10 },
        { sockets: 3_000, rounds: 2 },
      ],
      ratios: (sockets, { relay, raw, graphql }) => [
        atMost(`relay / raw ws, ${sockets} sockets`, relay / raw, 0.5),
        atLeast(`best GraphQL peer / relay, ${sockets} sockets`, graphql / relay, 10),
      ],
    }),
};
