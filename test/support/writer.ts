import { createThoughtEntry, deriveThoughtKey, generateBytes } from "../../src/crypto/index.ts";
import { encodeBase64url } from "../../src/protocol/index.ts";
import { type Answer, ask } from "./graphql.ts";
import type { RegisteredPerson } from "./registered.ts";

/** A thought that was signed and maybe not stored. */
export interface SignedThought {
  bytes: Uint8Array;
  entryHash: Uint8Array;
  seq: number;
}

/** One device that writes thoughts in epoch 0, over the wire. Its head moves when the relay says that a thought is stored. */
export class Writer {
  readonly person: RegisteredPerson;
  head: { seq: number; hash: Uint8Array };

  constructor(person: RegisteredPerson) {
    this.person = person;
    this.head = person.head;
  }

  sign(text: string): SignedThought {
    const { identity, cardHash, userId, epochKey } = this.person;
    const seq = this.head.seq + 1;
    const place = { author: userId, seq, prev: this.head.hash, epoch: 0, timeMs: 1_800_000_000_000, entryId: generateBytes(16) };
    return { ...createThoughtEntry({ ...place, identity, cardHash, thoughtKey: deriveThoughtKey(epochKey, userId, 0), body: { v: 1, t: text } }), seq };
  }

  /** Sends a thought, which may be one that was sent before. Moves the head when it is stored. */
  async send(relay: { url: string }, thought: SignedThought): Promise<Answer> {
    const query = "mutation ($input: CreateThoughtInput!) { createThought(input: $input) { __typename ... on ThoughtCreated { receipt { bytes } } ... on Refusal { code } } }";
    const answer = await ask(relay, { query, variables: { input: { entry: encodeBase64url(thought.bytes) } }, token: this.person.token });
    if (answer.data?.createThought?.__typename === "ThoughtCreated") this.head = { seq: thought.seq, hash: thought.entryHash };
    return answer;
  }
}
