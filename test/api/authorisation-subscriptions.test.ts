import type { GraphQLSchema } from "graphql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { opaqueReady, ready } from "../../src/crypto/index.ts";
import { encodeBase64url } from "../../src/protocol/index.ts";
import { type Cast, createCast, type Role, ROLES } from "../support/cast.ts";
import { befriend } from "../support/friendships.ts";
import { ask, type Json } from "../support/graphql.ts";
import { openKeptDatabase } from "../support/kept-database.ts";
import { write } from "../support/lawful-inputs.ts";
import { createMember, type Member } from "../support/member.ts";
import { openRawSocket } from "../support/raw-socket.ts";
import { type RunningRelay, startTestRelay } from "../support/relay.ts";
import { entitled, secretsIn, secretsOf } from "../support/secrets.ts";
import { fieldType, readServedSchema, selectionOf } from "../support/served-schema.ts";
import { subscribe, type Subscriber } from "../support/subscriber.ts";
import { subscriptionAccess } from "../support/subscription-access.ts";

type SignedIn = Exclude<Role, "nobody">;
const signedIn = ROLES.filter((role): role is SignedIn => role !== "nobody");

let relay: RunningRelay;
let schema: GraphQLSchema;
let cast: Cast;
/** A friend of everybody: what she writes last tells that nothing else comes any more. */
let dora: Member;
const listeners = new Map<Role, Subscriber>();
beforeAll(async () => {
  await Promise.all([ready(), opaqueReady()]);
  relay = await startTestRelay();
  [schema, cast, dora] = await Promise.all([readServedSchema(relay), createCast(relay), createMember(relay)]);
  for (const role of signedIn) await befriend(relay, cast.memberOf(role), dora);
  for (const role of signedIn) listeners.set(role, await listen(role));
  await write(relay, cast.alice, "what Alice writes while all of them listen");
  await write(relay, dora);
  const last = await write(relay, dora);
  await Promise.all(signedIn.map((role) => hearAll(role, last.id)));
});
afterAll(async () => {
  for (const listener of listeners.values()) await listener.close();
  await relay.stop();
});

const selection = (field: string): string => selectionOf(fieldType(schema, "Subscription", field), 3);
const idOf = ({ userId }: Member): string => encodeBase64url(userId);

/** All three subscriptions, from the first entry of everybody's chain on, whoever may read them; and one from their newest on. */
function listen(role: Role): Promise<Subscriber> {
  const everybody = [...signedIn.map((other) => cast.memberOf(other)), dora];
  const [after, heads] = [everybody.map((member) => ({ author: idOf(member), seq: 0 })), everybody.map((member) => ({ author: idOf(member), seq: member.hand.head.seq }))];
  return subscribe(relay, cast.tokenOf(role) ?? "", {
    live: { query: `subscription ($after: [PositionInput!]) { thoughtCreated(after: $after) ${selection("thoughtCreated")} }`, variables: { after: heads } },
    thoughtCreated: { query: `subscription ($after: [PositionInput!]) { thoughtCreated(after: $after) ${selection("thoughtCreated")} }`, variables: { after } },
    entryAppended: { query: `subscription ($after: [PositionInput!]!) { entryAppended(after: $after) ${selection("entryAppended")} }`, variables: { after } },
    friendshipChanged: { query: `subscription { friendshipChanged ${selection("friendshipChanged")} }` },
  });
}

async function hearAll(role: Role, lastThought: string): Promise<void> {
  const { data } = await ask(relay, { query: "{ viewer { eventNumber } }", token: cast.tokenOf(role) });
  const { until, delivered } = listenerOf(role);
  const holds = (name: string, isLast: (delivery: Json) => boolean) => (): boolean => (delivered[name] ?? []).some(isLast);
  await until(holds("live", ({ id }) => id === lastThought));
  await until(holds("thoughtCreated", ({ id }) => id === lastThought));
  await until(holds("entryAppended", ({ entry }) => entry?.hash === lastThought));
  await until(holds("friendshipChanged", ({ number }) => number === data.viewer.eventNumber));
}

function listenerOf(role: Role): Subscriber {
  const listener = listeners.get(role);
  if (!listener) throw new Error(`${role} has no socket`);
  return listener;
}

const deliveredTo = (role: Role, name: string): Json[] => listenerOf(role).delivered[name] ?? [];

/** Of whom something was delivered: authors, or those with whom a friendship is. */
const authorOf: Record<string, (delivery: Json, role: Role) => string> = {
  thoughtCreated: ({ author }) => author.id,
  entryAppended: ({ entry }) => entry.author,
  friendshipChanged: ({ friendship: { requester, accepter } }, role) => (requester.id === idOf(cast.memberOf(role)) ? accepter.id : requester.id),
};

/** The deliveries that hold fields of a type. */
function deliveriesOf(type: string, field: string, role: Role): [name: string, Json[]] {
  if (type === "FriendshipEvent") return ["friendshipChanged", deliveredTo(role, "friendshipChanged")];
  if (type === "Subscription" && field !== "entryAppended") return [field, deliveredTo(role, field)];
  const wanted = type === "Subscription" ? "EntryAppended" : type;
  return ["entryAppended", deliveredTo(role, "entryAppended").filter(({ __typename }) => __typename === wanted)];
}

function wordFor(role: Role, type: string, field: string): string {
  const [name, deliveries] = deliveriesOf(type, field, role);
  if (deliveries.length === 0) return "nothing";
  if (type !== "Subscription") for (const delivery of deliveries) expect(delivery[field] ?? null, `${type}.${field}`).not.toBeNull();
  if (type === "CaughtUp") return deliveries.map((delivery) => String(delivery[field])).join(" ");
  const authors = deliveries.map((delivery) => authorOf[name]?.(delivery, role));
  const isOfAlice = role === "owner" && name === "friendshipChanged" ? authors.length > 0 : authors.includes(idOf(cast.alice));
  return isOfAlice ? "alice" : "own";
}

describe("each role is sent of each field what the table says", () => {
  const rows = subscriptionAccess.flatMap((row) => row.fields.map((field) => [`${row.type}.${field}`, row, field] as const));

  test.each(rows)("%s", async (_, { type, cells }, field) => {
    const words = signedIn.map((role) => [role, wordFor(role, type, field)]);
    expect({ nobody: await closeCodeOfNobody(), ...Object.fromEntries(words) }).toEqual(cells);
  });

  async function closeCodeOfNobody(): Promise<string> {
    const socket = await openRawSocket(relay);
    await socket.init(cast.tokenOf("nobody"));
    return String((await socket.closed).code);
  }
});

describe("positions only say where to start", () => {
  const readable: Record<SignedIn, string[]> = {
    stranger: ["dora"],
    pendingRequester: ["dora"],
    pendingAccepter: ["dora"],
    acceptedRequester: ["dora", "owner"],
    acceptedAccepter: ["dora"],
    friend: ["dora", "owner"],
    exFriend: ["dora"],
    owner: ["acceptedAccepter", "dora", "friend"],
  };

  test.each(signedIn)("%s, who asked for everybody's chain, gets those of friends", (role) => {
    const names = new Map([...signedIn.map((other) => [idOf(cast.memberOf(other)), other] as const), [idOf(dora), "dora"] as const]);
    const authors = (name: string, deliveries: Json[]): unknown => [...new Set(deliveries.map((delivery) => names.get(authorOf[name]?.(delivery, role) ?? "")))].sort();
    expect(authors("thoughtCreated", deliveredTo(role, "thoughtCreated"))).toEqual(readable[role]);
    expect(authors("thoughtCreated", deliveredTo(role, "live"))).toEqual(readable[role].filter((name) => ["dora", "owner"].includes(name)));
    expect(authors("entryAppended", deliveriesOf("EntryAppended", "entry", role)[1])).toEqual([...readable[role], role].sort());
  });

  test.each(["thoughtCreated", "entryAppended"])("%s: what was missed and what is live come in the order of each chain, without gap or double", (name) => {
    for (const role of ["friend", "acceptedRequester"] as const) {
      const ofAlice = deliveredTo(role, name).filter((delivery) => delivery.__typename !== "CaughtUp" && authorOf[name]?.(delivery, role) === idOf(cast.alice));
      const seqs = ofAlice.map(({ seq, entry }) => seq ?? entry.seq);
      const all = Array.from({ length: cast.alice.hand.head.seq }, (_, index) => index + 1);
      // Her chain: the card, an epoch, another epoch, two thoughts, and the live one.
      expect(seqs).toEqual(name === "entryAppended" ? all : all.filter((seq) => seq > 2));
    }
  });
});

test("no socket carried more of Alice's than its role may see", async () => {
  const database = await openKeptDatabase(relay.database);
  const secrets = await secretsOf(database, cast);
  await database.close();
  for (const role of signedIn) {
    const found = secretsIn(listenerOf(role).heard.join("\n"), secrets);
    expect(entitled[role], role).toEqual(expect.arrayContaining(found));
    expect(found.includes("thoughts"), role).toBe(entitled[role].includes("thoughts"));
  }
});

test("over HTTP there is no subscription, whoever asks", async () => {
  for (const role of ROLES) {
    const { status, codes, data } = await ask(relay, { query: "subscription { thoughtCreated { id } }", token: cast.tokenOf(role) });
    expect({ status, codes, data: data ?? null }).toEqual({ status: 400, codes: ["BAD_REQUEST"], data: null });
  }
});
