// What a relay does with keys of its own.
export { opaqueReady } from "../opaque.ts";
export * from "./checkpoint-signer.ts";
export * from "./keyed-hash.ts";
export * from "./opaque-server.ts";
export * from "./receipt-signer.ts";
export * from "./refresh-token.ts";
