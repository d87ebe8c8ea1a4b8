import { expect } from "vitest";
import { encodeBase64url } from "../../src/protocol/index.ts";
import { befriend } from "./friendships.ts";
import { write } from "./lawful-inputs.ts";
import { createMember, type Member } from "./member.ts";
import { type Message, openRawSocket, type RawSocket } from "./raw-socket.ts";
import { type RunningRelay, startTestRelay } from "./relay.ts";

export const VIEWER = "{ viewer { user { username } } }";
export const LIVE = "subscription ($after: [PositionInput!]) { thoughtCreated(after: $after) { seq } }";

/** Alice, who writes, her friend Bob, who reads, and their relay, whose sockets are looked at message by message. */
export interface ProtocolParty {
  relay: RunningRelay;
  alice: Member;
  bob: Member;
  connect(): Promise<RawSocket>;
  /** A socket that is acknowledged: Bob's, unless it is another member's. */
  signIn(member?: Member): Promise<RawSocket>;
  /** What subscribes to all that Alice writes from now on, or to all that she wrote. */
  fromHere(): { after: object[] };
  fromStart(): { after: object[] };
  /** Both messages of the answer to VIEWER. */
  answer(id: string): Message[];
  /** All that arrives before the relay has answered what it was asked until now. */
  hearRest(socket: RawSocket): Promise<Message[]>;
  /** Writes a thought, and returns all that arrives until it came by `id`. */
  writeUntilHeard(socket: RawSocket, id: string): Promise<Message[]>;
  closeSockets(): Promise<void>;
}

export async function createProtocolParty(): Promise<ProtocolParty> {
  const relay = await startTestRelay({ limits: { maxSocketsPerUser: 100 } });
  const [alice, bob] = await Promise.all([createMember(relay), createMember(relay)]);
  await befriend(relay, bob, alice);
  const sockets: RawSocket[] = [];
  const from = (seq: number) => ({ after: [{ author: encodeBase64url(alice.userId), seq }] });

  const party: ProtocolParty = {
    relay,
    alice,
    bob,
    async connect() {
      const socket = await openRawSocket(relay);
      sockets.push(socket);
      return socket;
    },
    async signIn(member = bob) {
      const socket = await party.connect();
      expect(await socket.init(member.token)).toEqual({ type: "connection_ack" });
      return socket;
    },
    fromHere: () => from(alice.hand.head.seq),
    fromStart: () => from(0),
    answer: (id) => [{ id, type: "next", payload: { data: { viewer: { user: { username: bob.username } } } } }, { id, type: "complete" }],
    async hearRest(socket) {
      begin(socket, "the rest", VIEWER);
      const heard = await hear(socket, isComplete("the rest"));
      expect(heard.splice(-2)).toEqual(party.answer("the rest"));
      return heard;
    },
    async writeUntilHeard(socket, id) {
      const { seq } = await write(relay, alice);
      return hear(socket, (message) => message["id"] === id && message["payload"]?.data?.thoughtCreated.seq === seq);
    },
    async closeSockets() {
      for (const socket of sockets.splice(0)) await socket.close();
    },
  };
  return party;
}

export function begin(socket: RawSocket, id: string, query: string, variables?: Record<string, unknown>): void {
  socket.send({ id, type: "subscribe", payload: { query, variables } });
}

export function complete(socket: RawSocket, id: string): void {
  socket.send({ id, type: "complete" });
}

/** All that arrives up to the first message that this holds of, and that one. */
export async function hear(socket: RawSocket, isLast: (message: Message) => boolean): Promise<Message[]> {
  const heard: Message[] = [];
  for (;;) {
    const message = await socket.next();
    if (!message) throw new Error(`the socket is closed with ${(await socket.closed).code} after ${JSON.stringify(heard)}`);
    heard.push(message);
    if (isLast(message)) return heard;
  }
}

export function isNext({ type }: Message): boolean {
  return type === "next";
}

export function isComplete(id: string): (message: Message) => boolean {
  return (message) => message["id"] === id && message["type"] === "complete";
}

/** The places of the thoughts that came by `id`. */
export function seqsOf(heard: Message[], id: string): number[] {
  return heard.filter((message) => message["id"] === id && isNext(message)).map(({ payload }) => Number(payload.data.thoughtCreated.seq));
}
