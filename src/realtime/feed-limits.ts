/** What waits for one slow consumer at most, before its stream overflows. */
export interface FeedLimits {
  maxUnsentEntries: number;
  /** Signed bytes of these entries. */
  maxUnsentBytes: number;
}

/** What a stream reads from the store at once. */
export interface ReplayPage {
  entries: number;
  bytes: number;
}

export const REPLAY_PAGE: ReplayPage = { entries: 100, bytes: 262_144 };
