import type { UserId } from "../protocol/index.ts";

/** Who asks: the signed-in user and the session. Every service call that needs one takes it first. */
export interface Viewer {
  userId: UserId;
  /** 16 bytes. */
  sessionId: Uint8Array;
}
