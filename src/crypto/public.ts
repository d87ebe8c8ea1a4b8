// What needs public keys only: all that a relay may load.
export * from "./public/card-owner.ts";
export * from "./public/chain-outline.ts";
export * from "./public/chain-reader.ts";
export * from "./public/email-hash.ts";
export * from "./public/fork-proof.ts";
export * from "./public/hash.ts";
export * from "./public/ids.ts";
export * from "./public/key-log.ts";
export * from "./public/receipt-conflict.ts";
export * from "./public/safety-number.ts";
export * from "./public/verify-card.ts";
export * from "./public/verify-friendship.ts";
export * from "./public/verify-grant-signature.ts";
export * from "./public/verify-manifest.ts";
export * from "./public/verify-receipt.ts";
export * from "./public/verify-signature.ts";
export { ready } from "./sodium.ts";
