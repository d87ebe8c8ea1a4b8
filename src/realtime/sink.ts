/** Where a stream flows to, as fast as it takes. */
export interface Sink<Delivery> {
  /** Passes a delivery on; a promise when that takes a while, and then nothing else is given before it resolves. */
  take(delivery: Delivery): Promise<void> | undefined;
  /** Resolves when there is room for more of what was missed; undefined when there is room now. */
  room(): Promise<void> | undefined;
}
