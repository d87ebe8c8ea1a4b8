import { emailHashOf } from "../../src/crypto/index.ts";
import { accept, befriend, request, unfriend } from "./friendships.ts";
import type { Json } from "./graphql.ts";
import { nextVault, passwordChange, write } from "./lawful-inputs.ts";
import { createMember, type Member, proveMember, succeed } from "./member.ts";

/** What somebody is to Alice. In this order tables have their columns. */
export const ROLES = [
  /** Not signed in. */
  "nobody",
  /** Signed in, and never heard of. */
  "stranger",
  /** Asked Alice; she has not answered. */
  "pendingRequester",
  /** Was asked by Alice and has not answered. */
  "pendingAccepter",
  /** Asked Alice, who accepted; not confirmed yet. Reads Alice. */
  "acceptedRequester",
  /** Accepted what Alice asked; she has not confirmed. Does not read Alice. */
  "acceptedAccepter",
  "friend",
  "exFriend",
  /** Alice. */
  "owner",
] as const;
export type Role = (typeof ROLES)[number];
type Person = Exclude<Role, "nobody" | "owner">;

export interface Cast {
  alice: Member;
  /** Of Alice: the hash of the address she can be found by, and the session of her other device. */
  emailHash: Uint8Array;
  otherSession: { sessionId: string; refreshToken: string; accessToken: string };
  /** Where Alice's newest thought stands. */
  thoughtSeq: number;
  /** Whoever has the role. Nobody is Alice's friend before signing in. */
  memberOf(role: Role): Member;
  tokenOf(role: Role): string | undefined;
  /** What is between the role and Alice; to those who share nothing with her, what is between her and her friend. */
  friendshipOf(role: Role): Uint8Array;
}

type Relay = { url: string };

/** Alice, and one person for each thing that one can be to her. All of it over the wire. */
export async function createCast(relay: Relay): Promise<Cast> {
  const people = ROLES.filter((role): role is Person => role !== "nobody" && role !== "owner");
  const alice = await createMember(relay);
  const members = {} as Record<Person, Member>;
  for (const role of people) members[role] = await createMember(relay);
  const { pendingRequester, pendingAccepter, acceptedRequester, acceptedAccepter, friend, exFriend } = members;

  // The end comes first: the epoch it begins is the one that all others are granted.
  const ended = await befriend(relay, exFriend, alice);
  await unfriend(relay, ended, alice, exFriend);
  const friendships = {
    exFriend: ended,
    friend: await befriend(relay, friend, alice),
    pendingRequester: await request(relay, pendingRequester, alice),
    pendingAccepter: await request(relay, alice, pendingAccepter),
    acceptedRequester: await accept(relay, await request(relay, acceptedRequester, alice), alice, acceptedRequester),
    acceptedAccepter: await accept(relay, await request(relay, alice, acceptedAccepter), acceptedAccepter, alice),
  };

  for (const member of [alice, alice, friend, acceptedAccepter, acceptedRequester]) await write(relay, member);
  await succeed(relay, "askForGrant", { author: alice.userId }, friend.token);
  const emailHash = await makeDistinct(relay, alice);
  const otherSession: Json = (await succeed(relay, "finishLogin", { ...(await proveMember(relay, alice)), deviceName: "telephone of Alice" })).session;

  return {
    alice,
    emailHash,
    otherSession,
    thoughtSeq: alice.hand.head.seq,
    memberOf: (role) => (role === "owner" ? alice : members[role === "nobody" ? "friend" : role]),
    tokenOf: (role) => (role === "nobody" ? undefined : role === "owner" ? alice.token : members[role].token),
    friendshipOf: (role) => (role in friendships ? friendships[role as keyof typeof friendships] : friendships.friend),
  };
}

/** Gives Alice numbers that nobody else has, so that a test can tell hers from theirs. */
async function makeDistinct(relay: Relay, alice: Member): Promise<Uint8Array> {
  const emailHash = emailHashOf(`${alice.username}@example.org`);
  await succeed(relay, "setEmail", { email: emailHash }, alice.token);
  await succeed(relay, "saveVault", await nextVault(relay, alice, [2, 9]), alice.token);
  alice.hand.vaultVersion = 2;
  const password = "a new password of Alice";
  await succeed(relay, "changePassword", await passwordChange(relay, alice, password, 2), alice.token);
  alice.password = password;
  return emailHash;
}
