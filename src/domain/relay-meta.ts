/** What the database remembers about the relay itself, by name. */
export interface RelayMetaRepository {
  find(key: string): Promise<string | undefined>;
  /** Stores `value` unless there is a value already. Returns the one that is stored then. */
  remember(key: string, value: string): Promise<string>;
  /** Stores `value` in place of any other. */
  replace(key: string, value: string): Promise<void>;
}
