import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { idKey } from "../../src/protocol/index.ts";
import { createAuthor, fidOf } from "../support/author.ts";
import { chaoticUnitOfWork } from "../support/chaotic-unit-of-work.ts";
import { expectInvariants } from "../support/invariants.ts";
import { seededChoice } from "../support/random.ts";
import { createTestRelay, type TestRelay } from "../support/test-relay.ts";

const SEED = Number(process.env["CHAOS_SEED"] ?? 20_261_121);

let relay: TestRelay;
beforeAll(async () => {
  relay = await createTestRelay({ connections: 12, wrapStore: (unitOfWork) => chaoticUnitOfWork(unitOfWork, seededChoice(SEED)) });
});
afterAll(() => relay.close());

const services = () => relay.services;

describe("the same mutation many times at once", () => {
  /** Runs the mutation `times` over in parallel; every answer must be the same, and the last one changes nothing. */
  async function expectOneEffect<Answer>(mutate: () => Promise<Answer>, view: (answer: Answer) => unknown, times: number): Promise<void> {
    const published = relay.events.length;
    const answers = (await Promise.all(Array.from({ length: times }, mutate))).map(view);
    expect(answers).toEqual(answers.map(() => answers[0]));
    const [before, told] = [await relay.dump(), relay.events.slice(published)];
    expect(new Set(told.map((event) => JSON.stringify({ ...event, entry: undefined }))).size).toBe(told.length);
    expect(view(await mutate())).toEqual(answers[0]);
    expect(await relay.dump()).toBe(before);
  }

  test.each([2, 7, 50])("has one effect and one answer (%s times)", async (times) => {
    const [alice, bob] = await Promise.all([createAuthor(relay), createAuthor(relay)]);
    const receipts = ({ entries }: { entries: { receipt: Uint8Array }[] }) => entries.map(({ receipt }) => idKey(receipt));
    const request = alice.requestRecord(bob);
    const fid = fidOf(request);
    await expectOneEffect(() => services().friendships.request(alice.viewer, request), ({ id, state }) => [idKey(id), state], times);
    const acceptance = { record: bob.acceptRecord(fid, alice), grant: bob.grant(alice) };
    await expectOneEffect(() => services().friendships.accept(bob.viewer, acceptance.record, acceptance.grant), ({ state }) => state, times);
    const confirmation = { record: alice.confirmRecord(fid, bob), grant: alice.grant(bob) };
    await expectOneEffect(() => services().friendships.confirm(alice.viewer, confirmation.record, confirmation.grant), ({ state }) => state, times);

    const thought = alice.thought("once");
    await expectOneEffect(() => services().thoughts.create(alice.viewer, thought.bytes), ({ receipt }) => idKey(receipt), times);
    alice.moveTo(thought);
    const tombstone = alice.tombstone(thought.entryHash);
    await expectOneEffect(() => services().thoughts.withdraw(alice.viewer, tombstone.bytes), (answer) => idKey(answer.tombstone.receipt), times);
    alice.moveTo(tombstone);
    const rotation = alice.rotation([bob]);
    await expectOneEffect(() => services().chains.append(alice.viewer, [rotation.epoch.bytes], rotation.grants), receipts, times);
    alice.adopt(rotation);
    const grant = alice.grant(bob);
    await expectOneEffect(() => services().grants.store(alice.viewer, [grant]), (count) => count, times);
    await expectOneEffect(() => services().grants.ask(bob.viewer, alice.userId), ({ id }) => idKey(id), times);
    const last = alice.rotation();
    const end = { record: alice.unfriendRecord(fid, bob), entries: [last.epoch.bytes], grants: last.grants };
    await expectOneEffect(() => services().friendships.end(alice.viewer, end), receipts, times);
    await expectInvariants(relay);
  });
});
