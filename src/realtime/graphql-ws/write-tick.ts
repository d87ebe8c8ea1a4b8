/** What writes at the end of a tick. */
interface Writer {
  flush(): void;
}

/** Gathers who has something to write, and lets all of them write once the events of this tick are handled. */
export class WriteTick {
  #writers: Writer[] = [];

  note(writer: Writer): void {
    if (this.#writers.push(writer) === 1) setImmediate(() => this.#end());
  }

  #end(): void {
    const writers = this.#writers;
    this.#writers = [];
    for (const writer of writers) writer.flush();
  }
}
