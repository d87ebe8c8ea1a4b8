/** What one request may ask for at most. */
export interface DomainLimits {
  /** Friendships of one user that are accepted or confirmed. */
  maxFriends: number;
  /** Signed bytes of entries in one page; a single entry may be larger. */
  maxPageBytes: number;
  maxEntriesPerMutation: number;
}
