import { fidOf } from "./author.ts";
import { ending } from "./lawful-inputs.ts";
import { type Member, succeed } from "./member.ts";

type Relay = { url: string };

// The steps of a friendship over the wire. All of them answer with its id.

export async function request(relay: Relay, requester: Member, accepter: Member): Promise<Uint8Array> {
  const record = requester.hand.requestRecord(accepter.hand);
  await succeed(relay, "requestFriendship", { record }, requester.token);
  return fidOf(record);
}

export async function accept(relay: Relay, fid: Uint8Array, accepter: Member, requester: Member): Promise<Uint8Array> {
  const input = { record: accepter.hand.acceptRecord(fid, requester.hand), grant: accepter.hand.grant(requester.hand) };
  await succeed(relay, "acceptFriendship", input, accepter.token);
  return fid;
}

export async function confirm(relay: Relay, fid: Uint8Array, requester: Member, accepter: Member): Promise<Uint8Array> {
  const input = { record: requester.hand.confirmRecord(fid, accepter.hand), grant: requester.hand.grant(accepter.hand) };
  await succeed(relay, "confirmFriendship", input, requester.token);
  return fid;
}

export async function befriend(relay: Relay, requester: Member, accepter: Member): Promise<Uint8Array> {
  return confirm(relay, await accept(relay, await request(relay, requester, accepter), accepter, requester), requester, accepter);
}

/** Ends a friendship, with a new epoch for those who remain. */
export async function unfriend(relay: Relay, fid: Uint8Array, member: Member, peer: Member, remaining: Member[] = []): Promise<Uint8Array> {
  const { input, adopt } = ending(member, fid, peer, remaining);
  await succeed(relay, "endFriendship", input, member.token);
  adopt();
  return fid;
}
