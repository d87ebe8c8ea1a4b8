import { defaultFieldResolver, type GraphQLFieldResolver, type GraphQLSchema } from "graphql";
import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import { DomainError } from "../domain/domain-error.ts";
import { idKey } from "../protocol/index.ts";
import type { RelayContext } from "../resolvers/context.ts";

/** How often one may ask. Windows begin with the first question of each. */
export interface RateLimits {
  loginStartsPerUserMinute: number;
  loginStartsPerAddressMinute: number;
  registrationsPerAddressHour: number;
  friendRequestsPerUserDay: number;
  appendsPerUserMinute: number;
  /** Everything else, by user or, of those who are not signed in, by address. */
  readsPerMinute: number;
}

type Arguments = { input?: { username?: string } };
type Resolver = GraphQLFieldResolver<unknown, RelayContext, Arguments>;
/** Whose questions are counted together. */
type KeyOf = (context: RelayContext, args: Arguments) => string;
/** Counts questions by key. Rejects with RateLimiterRes when there are too many. */
export interface Counter {
  consume(key: string): Promise<unknown>;
}
export type CreateCounter = (name: string, limit: { points: number; duration: number }) => Counter;
interface Rule {
  counter: Counter;
  keyOf: KeyOf;
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const byAddress: KeyOf = ({ address }) => address;
const byAsker: KeyOf = ({ viewer, address }) => (viewer ? idKey(viewer.userId) : address);
/** A guesser behind one address cannot lock out the user who sits behind another. */
const byNameAndAddress: KeyOf = ({ address }, { input }) => `${input?.username ?? ""} ${address}`;

/** Counts in this process. */
export const countHere: CreateCounter = (_name, limit) => new RateLimiterMemory(limit);

/**
 * Counts every root field before it is resolved, on whichever transport and under however many aliases it came.
 * Over the limit, the field answers RATE_LIMITED with `retryAfterSeconds`, and nothing is done.
 */
export function limitRates(schema: GraphQLSchema, limits: RateLimits, createCounter: CreateCounter): void {
  const rulesOf = createRules(limits, createCounter);
  for (const type of [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]) {
    for (const [name, field] of Object.entries(type?.getFields() ?? {})) {
      const rules = rulesOf(`${type?.name}.${name}`);
      const limited = (resolve: Resolver): Resolver => async (source, args, context, info) => {
        for (const rule of rules) await consume(rule, context, args);
        return resolve(source, args, context, info);
      };
      if (field.subscribe) field.subscribe = limited(field.subscribe);
      else field.resolve = limited(field.resolve ?? defaultFieldResolver);
    }
  }
}

function createRules(limits: RateLimits, createCounter: CreateCounter): (field: string) => Rule[] {
  const rule = (name: keyof RateLimits, keyOf: KeyOf, duration: number): Rule => ({ counter: createCounter(name, { points: limits[name], duration }), keyOf });

  const loginByUser = rule("loginStartsPerUserMinute", byNameAndAddress, MINUTE);
  const loginByAddress = rule("loginStartsPerAddressMinute", byAddress, MINUTE);
  const registration = rule("registrationsPerAddressHour", byAddress, HOUR);
  const friendRequest = rule("friendRequestsPerUserDay", byAsker, DAY);
  const append = rule("appendsPerUserMinute", byAsker, MINUTE);
  const read = rule("readsPerMinute", byAsker, MINUTE);

  // Starts are what counts: whoever guesses passwords learns the outcome from the first answer and never finishes.
  const special: Readonly<Record<string, Rule[]>> = {
    "Mutation.startLogin": [loginByAddress, loginByUser],
    "Mutation.startRecovery": [loginByAddress, loginByUser],
    "Mutation.startRegistration": [loginByAddress],
    "Mutation.register": [registration],
    "Mutation.requestFriendship": [friendRequest],
    "Mutation.createThought": [append],
    "Mutation.withdrawThought": [append],
    "Mutation.appendEntries": [append],
    "Mutation.endFriendship": [append],
    "Mutation.replaceCard": [append],
    "Mutation.deleteAccount": [append],
  };
  return (field) => special[field] ?? [read];
}

async function consume({ counter, keyOf }: Rule, context: RelayContext, args: Arguments): Promise<void> {
  try {
    await counter.consume(keyOf(context, args));
  } catch (error) {
    if (!(error instanceof RateLimiterRes)) throw error;
    const retryAfterSeconds = Math.max(1, Math.ceil(error.msBeforeNext / 1000));
    throw new DomainError("RATE_LIMITED", `Too many of these at once. Try again in ${retryAfterSeconds} s.`, { retryAfterSeconds });
  }
}
