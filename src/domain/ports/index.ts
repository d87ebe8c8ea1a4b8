// What the relay's rules need from the world. Adapters: src/storage (repositories), src/realtime (bus, feed source),
// src/server (clock, randomness, keys). All ids, hashes and keys are bytes; times are milliseconds since 1970.

export * from "./bus.ts";
export * from "./chains.ts";
export * from "./feed-source.ts";
export * from "./friendships.ts";
export * from "./grants.ts";
export * from "./invitations.ts";
export * from "./key-log.ts";
export * from "./keys.ts";
export * from "./page.ts";
export * from "./sessions.ts";
export * from "./unit-of-work.ts";
export * from "./users.ts";
export * from "./vaults.ts";
export * from "./world.ts";
