import type { Json } from "../../support/graphql.ts";

/** What a client asks. */
export interface Asked {
  /** The operation's name. */
  operation: string;
  variables: Json;
}

/** Asks the honest relay; a second call asks it a second time. */
type AskRelay = () => Promise<Json>;
/** The whole answer that goes out, or undefined to cut the connection. */
export type Answering = (ask: AskRelay, asked: Asked) => Promise<Json>;
/** Changes the data of an honest answer in place, or returns what goes out instead. */
export type Rewrite = (data: Json, asked: Asked) => Json;
/** What goes out in the place of one delivery of a subscription: none, several, or by undefined the honest one, maybe changed in place. */
export type Redeliver = (data: Json) => Json[] | undefined | void;

const OPERATION = /\b(?:query|mutation|subscription)\s+(\w+)/;

export function operationOf(document: string): string {
  return OPERATION.exec(document)?.[1] ?? "";
}

/** What a relay does to the answers that it gives: nothing, until it is told to lie. */
export class Lies {
  readonly #answers = new Map<string, Answering>();
  readonly #deliveries = new Map<string, Redeliver>();

  /** From now on answers to this operation are changed. */
  rewrite(operation: string, change: Rewrite): void {
    this.#answers.set(operation, async (ask, asked) => {
      const answer = await ask();
      if (!answer.data) return answer;
      return { ...answer, data: (await change(answer.data, asked)) ?? answer.data };
    });
  }

  /** From now on this operation does not reach the relay: the data is invented. */
  invent(operation: string, answer: (asked: Asked) => Json): void {
    this.#answers.set(operation, async (_ask, asked) => ({ data: await answer(asked) }));
  }

  /** From now on this operation is refused with a code, if it asks for what is meant. */
  refuse(operation: string, code: string, isMeant: (asked: Asked) => boolean = () => true): void {
    const refusal = { errors: [{ message: "Not for you.", extensions: { code } }] };
    this.#answers.set(operation, async (ask, asked) => (isMeant(asked) ? refusal : ask()));
  }

  /** The next answer to this operation is lost after the relay has done what was asked. */
  loseNext(operation: string): void {
    this.#answers.set(operation, async (ask) => {
      this.#answers.delete(operation);
      await ask();
      return undefined;
    });
  }

  /** From now on this operation is done twice, and answered once. */
  repeat(operation: string): void {
    this.#answers.set(operation, async (ask) => {
      await ask();
      return ask();
    });
  }

  /** From now on deliveries of this subscription are changed, dropped or repeated. */
  redeliver(subscription: string, change: Redeliver): void {
    this.#deliveries.set(subscription, change);
  }

  /** From now on the relay is honest. */
  reform(): void {
    this.#answers.clear();
    this.#deliveries.clear();
  }

  answer(ask: AskRelay, asked: Asked): Promise<Json> {
    const lie = this.#answers.get(asked.operation);
    return lie ? lie(ask, asked) : ask();
  }

  deliver(subscription: string, data: Json): Json[] {
    return this.#deliveries.get(subscription)?.(data) ?? [data];
  }
}
