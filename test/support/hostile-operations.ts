/** Operations that ask for too much, by what is too much about them. Every transport refuses all of them. */
export const hostileOperations: Record<string, string> = {
  "30 levels deep": `query { viewer { friends { ${"nodes { peer { thoughts { nodes { author { friendship { peer { thoughts { ".repeat(4)} nodes { seq } ${"} } } } } } } }".repeat(4)} } } }`,
  "40 aliases": `query { ${Array.from({ length: 40 }, (_, index) => `a${index}: relay { time }`).join(" ")} }`,
  "40 directives": `query { relay { time ${"@include(if: true) ".repeat(40)} } }`,
  "lists of lists": "query { users(first: 100) { nodes { thoughts(first: 100) { nodes { seq } } } } }",
  "lists of lists by fragments": `
    query { users(first: 100) { nodes { ...Thoughts } } }
    fragment Thoughts on User { thoughts(first: 100) { edges { ...Edge } } }
    fragment Edge on ThoughtEdge { node { seq epoch } }`,
  "fragments that double": `
    query { viewer { user { ...F0 } } }
    ${Array.from({ length: 30 }, (_, index) => `fragment F${index} on User { ...F${index + 1} ...F${index + 1} }`).join("\n")}
    fragment F30 on User { a: id }`,
  "fragments in a circle": "query { viewer { user { ...A } } } fragment A on User { ...B } fragment B on User { ...A }",
  "introspection in a circle": "query { __schema { types { fields { type { fields { type { fields { type { name } } } } } } } } }",
  "1001 tokens": `query { relay { ${"time ".repeat(997)} } }`,
};
