// All that a client uses: verifying with public keys, and what takes a person's secret keys. No relay may reach this.
export * from "./public.ts";
export { opaqueReady } from "./opaque.ts";
export * from "./kdf.ts";
export * from "./secret/entry.ts";
export * from "./secret/epoch.ts";
export * from "./secret/friendship.ts";
export * from "./secret/grant.ts";
export * from "./secret/identity.ts";
export * from "./secret/observation.ts";
export * from "./secret/password.ts";
export * from "./secret/random.ts";
export * from "./secret/recovery-code.ts";
export * from "./secret/seal.ts";
export * from "./secret/thought.ts";
export * from "./secret/vault.ts";
export * from "./secret/wrap.ts";
export * from "./sign.ts";
