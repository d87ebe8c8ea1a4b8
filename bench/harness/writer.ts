import { Agent, request } from "node:http";
import { createEntry, createThoughtEntry, deriveThoughtKey, generateBytes } from "../../src/crypto/index.ts";
import { encodeBase64url, encodeBeaconPayload, ENTRY_ID_BYTES, EntryType, OBSERVATION_BYTES } from "../../src/protocol/index.ts";
import type { Member } from "./people.ts";

const CREATE = "mutation ($input: CreateThoughtInput!) { createThought(input: $input) { __typename ... on ThoughtCreated { receipt { bytes } } ... on Refusal { code message } } }";
const APPEND = "mutation ($input: AppendEntriesInput!) { appendEntries(input: $input) { __typename ... on EntriesAppended { receipts { bytes } } ... on Refusal { code message } } }";

/** Signed entries and the mutation that stores them. */
export interface Step {
  /** The place of its last entry. */
  seq: number;
  body: string;
}

/** A device that signs ahead and sends later, so that what is timed is the relay and not the signing. */
export class Writer {
  readonly #author: Member;
  readonly #thoughtKey: Uint8Array;
  readonly #agent = new Agent({ keepAlive: true });
  #head: { seq: number; hash: Uint8Array };

  constructor(author: Member) {
    this.#author = author;
    this.#thoughtKey = deriveThoughtKey(author.epochKey, author.userId, 0);
    this.#head = { ...author.head };
  }

  /** BEACONs with one observation each, in one mutation: entries of 336 bytes, so a delivery is 0.9 kB. */
  beacons(count: number): Step {
    const payload = encodeBeaconPayload([generateBytes(OBSERVATION_BYTES)]);
    const entries = Array.from({ length: count }, () => {
      const { identity, cardHash } = this.#author;
      return this.#moveTo(createEntry({ ...this.#nextPlace(), type: EntryType.BEACON, signerCard: cardHash, signer: identity, payload }));
    });
    return this.#step(APPEND, { entries, grants: [] });
  }

  thought(text: string): Step {
    const { identity, cardHash } = this.#author;
    const entry = createThoughtEntry({ ...this.#nextPlace(), identity, cardHash, thoughtKey: this.#thoughtKey, body: { v: 1, t: text } });
    return this.#step(CREATE, { entry: this.#moveTo(entry) });
  }

  /** Resolves when the relay has answered that it is stored. */
  async send(relay: { host: string; port: number }, { body }: Step): Promise<void> {
    const answer = await this.#ask(relay, body);
    if (!answer.includes('"receipt')) throw new Error(`the relay did not store an entry: ${answer.slice(0, 500)}`);
  }

  #ask({ host, port }: { host: string; port: number }, body: string): Promise<string> {
    const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body), authorization: `Bearer ${this.#author.token}` };
    return new Promise((resolve, reject) => {
      const asked = request({ host, port, path: "/graphql", method: "POST", agent: this.#agent, headers }, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (part: string) => (text += part));
        response.once("end", () => resolve(text));
      });
      asked.once("error", reject).end(body);
    });
  }

  #step(query: string, input: Record<string, unknown>): Step {
    return { seq: this.#head.seq, body: JSON.stringify({ query, variables: { input } }) };
  }

  #moveTo({ bytes, entryHash }: { bytes: Uint8Array; entryHash: Uint8Array }): string {
    this.#head = { seq: this.#head.seq + 1, hash: entryHash };
    return encodeBase64url(bytes);
  }

  #nextPlace() {
    return { author: this.#author.userId, seq: this.#head.seq + 1, prev: this.#head.hash, epoch: 0, timeMs: Date.now(), entryId: generateBytes(ENTRY_ID_BYTES) };
  }
}
