/** What writes at the end of a tick. */
interface Writer {
  flush(): void;
}

/**
 * Gathers what is to be told in one tick, and who has something to write because of it: each writes once. A single thing to
 * tell is written as it is told, while all that belongs to a socket is at hand.
 */
export class Tick {
  #tasks: (() => void)[] = [];
  #writers: Writer[] = [];
  #isDue = false;
  #hasOneTask = false;

  /** Whether a single thing is told in this tick, just now: who has something to write because of it need not wait. */
  get hasOneTask(): boolean {
    return this.#hasOneTask;
  }

  /** Runs the task once the events of this tick are handled. */
  later(task: () => void): void {
    this.#tasks.push(task);
    this.#schedule();
  }

  /** Lets the writer write once everything of this tick is told. */
  note(writer: Writer): void {
    if (this.#hasOneTask) return writer.flush();
    this.#writers.push(writer);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    setImmediate(() => this.#end());
  }

  #end(): void {
    const [tasks, writers] = [this.#tasks, this.#writers];
    this.#tasks = [];
    this.#writers = [];
    this.#isDue = false;
    this.#hasOneTask = tasks.length === 1 && writers.length === 0;
    for (const task of tasks) task();
    this.#hasOneTask = false;
    for (const writer of [...writers, ...this.#writers.splice(0)]) writer.flush();
  }
}
