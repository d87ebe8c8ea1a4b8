/** A page of a list. `after` is the cursor of the last element seen, in the repository's own form. */
export interface Page<T> {
  rows: T[];
  hasMore: boolean;
}
