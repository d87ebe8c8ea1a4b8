import { inspect } from "node:util";

const SHOWN = "[secret]";

/** A secret text that shows itself only when asked by name: printed, logged or turned into JSON it stays hidden. */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return SHOWN;
  }

  toJSON(): string {
    return SHOWN;
  }

  [inspect.custom](): string {
    return SHOWN;
  }
}

/** What the environment holds that nobody may read in a log. The relay's keys lie in a file of their own. */
export interface Secrets {
  /** Of any PostgreSQL to use instead of the embedded one; holds a password. */
  databaseUrl: Secret | undefined;
  /** Of a NATS server; may hold a password. */
  natsUrl: Secret | undefined;
}
