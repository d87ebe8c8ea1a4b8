// The SDK: everything a program needs to be a PeerBrain client, in Node and in a browser.
export { Account } from "./account.ts";
export { ClientError, RelayRefusal, type ClientErrorCode } from "./errors.ts";
export type { Alarm, FeedItem, Notice, ReadThought } from "./events.ts";
export type { FriendRequest } from "./friend-requests.ts";
export type { Friend, Friends } from "./friends.ts";
export type { Horizon } from "./horizon.ts";
export { openSession, sealSession, type KeptSession, type SessionStore } from "./kept-session.ts";
export type { ConnectOptions } from "./open-context.ts";
export type { Whom } from "./people.ts";
export type { DeviceStore, InFlight } from "./ports.ts";
export type { Proof } from "./proof-book.ts";
export type { Proofs } from "./proofs.ts";
export { qrCodeSvg, qrCodeText } from "./qr-code.ts";
export type { OpenSession, Sessions } from "./sessions.ts";
export type { FriendChoice, Sharing } from "./terms.ts";
export type { Thoughts } from "./thoughts.ts";
export type { Verification } from "./verification.ts";
