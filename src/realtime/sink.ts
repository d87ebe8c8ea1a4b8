/** Where a stream flows to, as fast as it takes. */
export interface Sink<Delivery> {
  take(delivery: Delivery): void;
  /** Resolves when there is room for more of what was missed; undefined when there is room now. */
  room(): Promise<void> | undefined;
}
