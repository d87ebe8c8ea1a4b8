import { expect } from "vitest";
import { emptyChain, verifyNextEntry, verifyNextWithdrawn, verifyReceipt } from "../../src/crypto/index.ts";
import { concatBytes, EntryType, equalBytes, idKey, parseTombstonePayload } from "../../src/protocol/index.ts";
import type { TestRelay } from "./test-relay.ts";

interface Row {
  [column: string]: unknown;
}

const key = (value: unknown): string => idKey(value as Uint8Array);

/** What holds in the store at any time, whatever raced before. */
export async function expectInvariants(relay: TestRelay): Promise<void> {
  const read = (table: string): Promise<Row[]> => relay.sql(`SELECT * FROM "${table}"`);
  const [friendships, edges, grants, chains, events, users] = await Promise.all(
    ["Friendship", "Edge", "Grant", "Chain", "FriendshipEvent", "User"].map(read),
  );
  expectEdges(friendships ?? [], edges ?? []);
  expectGrants(grants ?? [], edges ?? [], chains ?? []);
  expectNumbered(events ?? [], users ?? []);
  for (const chain of chains ?? []) await expectVerified(relay, chain);
}

/** One open friendship or request a pair; edges are those of its state and no others. */
function expectEdges(friendships: Row[], edges: Row[]): void {
  const open = friendships.filter(({ state }) => ["PENDING", "ACCEPTED", "CONFIRMED"].includes(String(state)));
  expect(new Set(open.map(({ pair }) => key(pair))).size).toBe(open.length);
  const expected = open.flatMap(({ id, state, requester, accepter }) => [
    ...(state === "PENDING" ? [] : [`${key(requester)} reads ${key(accepter)} by ${key(id)}`]),
    ...(state === "CONFIRMED" ? [`${key(accepter)} reads ${key(requester)} by ${key(id)}`] : []),
  ]);
  expect(edges.map(({ reader, author, friendshipId }) => `${key(reader)} reads ${key(author)} by ${key(friendshipId)}`).sort()).toEqual(expected.sort());
}

/** Grants go to readers and oneself, one of history each, none is of an epoch to come, and each author holds the one of the epoch in force. */
function expectGrants(grants: Row[], edges: Row[], chains: Row[]): void {
  const epochs = new Map(chains.map(({ author, epoch }) => [key(author), Number(epoch)]));
  const readers = new Set(edges.map(({ reader, author }) => `${key(reader)} ${key(author)}`));
  for (const { author, recipient, epoch } of grants) {
    expect(equalBytes(author as Uint8Array, recipient as Uint8Array) || readers.has(`${key(recipient)} ${key(author)}`)).toBe(true);
    expect(Number(epoch)).toBeLessThanOrEqual(epochs.get(key(author)) ?? -1);
  }
  const history = grants.filter(({ kind }) => kind === 1).map(({ author, recipient }) => `${key(author)} ${key(recipient)}`);
  expect(new Set(history).size).toBe(history.length);
  const own = grants.filter(({ author, recipient, kind }) => kind === 1 && key(author) === key(recipient));
  expect(new Map(own.map(({ author, epoch }) => [key(author), Number(epoch)]))).toEqual(epochs);
}

/** The events of each user are numbered from 1 without a gap. */
function expectNumbered(events: Row[], users: Row[]): void {
  for (const { id, eventNumber } of users) {
    const numbers = events.filter(({ userId }) => key(userId) === key(id)).map(({ number }) => Number(number));
    expect(numbers.sort((a, b) => a - b)).toEqual(Array.from({ length: Number(eventNumber) }, (_, index) => index + 1));
  }
}

/** A reader can verify the whole chain: one entry a place, each with a receipt, the last one the head. */
async function expectVerified(relay: TestRelay, chain: Row): Promise<void> {
  const author = chain["author"] as Uint8Array;
  const { rows } = await relay.unitOfWork.repositories.chains.listEntries({
    author, after: undefined, before: undefined, types: undefined, newestFirst: false, first: 100_000, maxBytes: 2 ** 40,
  });
  let state = emptyChain(author);
  let receivedAtMs = 0;
  const withdrawn = new Set<string>();
  const missing = new Set<string>();
  for (const entry of rows) {
    const step = entry.payload
      ? verifyNextEntry(state, concatBytes(entry.signedHeader, entry.payload))
      : verifyNextWithdrawn(state, entry.signedHeader);
    state = step.state;
    if (!entry.payload) missing.add(idKey(entry.hash));
    if (entry.type === EntryType.TOMBSTONE && entry.payload) withdrawn.add(idKey(parseTombstonePayload(entry.payload)));
    const { relayMs } = verifyReceipt(relay.services.relay.receiptKey, entry.receipt, { author, seq: entry.seq, entryHash: step.entryHash });
    expect(relayMs).toBe(entry.receivedAtMs);
    expect(relayMs).toBeGreaterThanOrEqual(receivedAtMs);
    receivedAtMs = relayMs;
  }
  expect(missing).toEqual(withdrawn);
  expect([state.seq, idKey(state.headHash), state.epoch]).toEqual([Number(chain["seq"]), key(chain["headHash"]), Number(chain["epoch"])]);
}
