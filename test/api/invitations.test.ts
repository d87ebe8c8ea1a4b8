import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createInvitationService, type InvitationService } from "../../src/domain/users/invitation-service.ts";
import { encodeBase64url, parseBase64url } from "../../src/protocol/index.ts";
import { createPerson, createRegistration } from "../support/person.ts";
import { expectRefusedUnchanged } from "../support/refusals.ts";
import { createTestRelay, type TestRelay } from "../support/test-relay.ts";
import { randomBytes } from "node:crypto";

const DAY_MS = 86_400_000;

let relay: TestRelay;
let invitations: InvitationService;
beforeEach(async () => {
  relay = await createTestRelay();
  invitations = createInvitationService({ unitOfWork: relay.unitOfWork, clock: relay.clock, random: { bytes: (count) => new Uint8Array(randomBytes(count)) } });
  await invitations.require(true);
});
afterEach(() => relay.close());

const register = async (code?: string) =>
  relay.services.registration.register({ ...(await createRegistration(relay, createPerson())), invitation: code === undefined ? undefined : parseBase64url(code) });

async function expectRefusal(code: string | undefined, refusal: "INVITATION_NEEDED" | "INVITATION_INVALID"): Promise<void> {
  const input = { ...(await createRegistration(relay, createPerson())), invitation: code === undefined ? undefined : parseBase64url(code) };
  await expectRefusedUnchanged(relay, () => relay.services.registration.register(input), refusal);
}

describe("a relay for people who were invited", () => {
  test("says so to everybody, and takes it back", async () => {
    const ask = async () => (await relay.execute(undefined, "{ relay { needsInvitation } }")).data?.["relay"];
    expect(await ask()).toEqual({ needsInvitation: true });
    await invitations.require(false);
    expect(await ask()).toEqual({ needsInvitation: false });
    await register();
  });

  test("lets in as many as the invitation is for, also at once", async () => {
    const { code } = await invitations.create({ uses: 2, lifeMs: DAY_MS });
    const outcomes = await Promise.allSettled([register(code), register(code), register(code), register(code)]);
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(2);
    for (const outcome of outcomes) if (outcome.status === "rejected") expect(outcome.reason).toMatchObject({ code: "INVITATION_INVALID" });
    expect((await invitations.list()).map(({ usesLeft }) => usesLeft)).toEqual([0]);
    await expectRefusal(code, "INVITATION_INVALID");
  });

  test("refuses who has none, an unknown one, and one of another length", async () => {
    const { code } = await invitations.create({ uses: 1, lifeMs: DAY_MS });
    await expectRefusal(undefined, "INVITATION_NEEDED");
    await expectRefusal(encodeBase64url(new Uint8Array(16)), "INVITATION_INVALID");
    await expectRefusal(`${code.slice(0, -2)}`, "INVITATION_INVALID");
    await expectRefusal(encodeBase64url(new Uint8Array(0)), "INVITATION_INVALID");
  });

  test("refuses one that expired or was taken back", async () => {
    const [early, late] = [await invitations.create({ uses: 9, lifeMs: DAY_MS }), await invitations.create({ uses: 9, lifeMs: 3 * DAY_MS })];
    relay.clock.ms += DAY_MS;
    await expectRefusal(early.code, "INVITATION_INVALID");
    await register(late.code);
    expect(await invitations.revoke(late.id)).toBe(true);
    expect(await invitations.revoke(late.id)).toBe(false);
    await expectRefusal(late.code, "INVITATION_INVALID");
    expect((await invitations.list()).map(({ id }) => id)).toEqual([early.id]);
  });

  test("uses up none for a registration that is refused for another reason", async () => {
    const { code } = await invitations.create({ uses: 1, lifeMs: DAY_MS });
    const { user } = await register(code);
    const second = await invitations.create({ uses: 1, lifeMs: DAY_MS });
    const taken = { ...(await createRegistration(relay, createPerson())), username: user.username, invitation: parseBase64url(second.code) };
    await expectRefusedUnchanged(relay, () => relay.services.registration.register(taken), "USERNAME_TAKEN");
    await register(second.code);
  });

  test("keeps no code, only its hash", async () => {
    const { code, id } = await invitations.create({ uses: 1, lifeMs: DAY_MS });
    const stored = await relay.dump();
    expect(stored).not.toContain(code);
    expect(stored).not.toContain(Buffer.from(code, "base64url").toString("hex"));
    expect(JSON.stringify(await invitations.list())).toContain(id);
    expect(code).not.toContain(id);
  });
});

test("a relay that is open to all uses up no invitation", async () => {
  const { code } = await invitations.create({ uses: 1, lifeMs: DAY_MS });
  await invitations.require(false);
  await register(code);
  expect((await invitations.list()).map(({ usesLeft }) => usesLeft)).toEqual([1]);
});
