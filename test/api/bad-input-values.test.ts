import { buildSchema, type GraphQLSchema } from "graphql";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { generateBytes, opaqueReady, ready } from "../../src/crypto/index.ts";
import { createCast } from "../support/cast.ts";
import type { Json } from "../support/graphql.ts";
import { expectHelpful } from "../support/helpful.ts";
import { type InputLeaf, inputTypeOf, leavesOf, replaceAt, requiredFieldsOf } from "../support/input-leaves.ts";
import { type KeptDatabase, openKeptDatabase } from "../support/kept-database.ts";
import { type LawfulAttempt, lawfulAttempts } from "../support/lawful-attempts.ts";
import { mutate, type Outcome } from "../support/member.ts";
import { attempts } from "../support/mutation-attempts.ts";
import { type RunningRelay, startTestRelay } from "../support/relay.ts";

const schema: GraphQLSchema = buildSchema(readFileSync(new URL("../../schema.graphql", import.meta.url), "utf8"));
const mutations = [...new Set(attempts.map(({ mutation }) => mutation))];

let relay: RunningRelay;
let database: KeptDatabase;
let lawful: Map<string, LawfulAttempt>;
/** One input of each, for tries that end before it is looked into. */
const inputs = new Map<string, Json>();
beforeAll(async () => {
  await Promise.all([ready(), opaqueReady()]);
  relay = await startTestRelay();
  const cast = await createCast(relay);
  lawful = new Map(lawfulAttempts(relay, cast).map((one) => [one.mutation, one]));
  database = await openKeptDatabase(relay.database);
  await database.keep();
  for (const [mutation, { input }] of lawful) inputs.set(mutation, await input());
});
beforeEach(() => database.restore());
afterAll(async () => {
  await database.close();
  await relay.stop();
});

const bytesOf = (text: string): Buffer => Buffer.from(text, "base64url");
const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64url");
const flipped = (bytes: Buffer, at: number): Buffer => Buffer.from(bytes.map((byte, index) => (index === at ? byte ^ 1 : byte)));

/** What is no value of any scalar that travels as text. */
const noText: Record<string, unknown> = { "a number": 7, "a list": [["AA"]] };
/** What is no bytes; the tests of the scalars know more of it. */
const noBytes: Record<string, unknown> = { ...noText, "padding": "AA==", "a stray bit": "AB", "a NUL": "AA\0A" };
const noNumber: Record<string, unknown> = { "a text": "1", "a fraction": 1.5, "too large": 2 ** 31, "too small": -(2 ** 31) - 1, "far too large": 1e300, "a list": [[1]] };

/** Values that the contract itself excludes, by scalar. */
const excluded: Record<string, Record<string, unknown>> = {
  Bytes: noBytes,
  UserId: { ...noBytes, "31 bytes": textOf(new Uint8Array(31)), "33 bytes": textOf(new Uint8Array(33)), "nothing": "" },
  EmailHash: { ...noBytes, "31 bytes": textOf(new Uint8Array(31)), "33 bytes": textOf(new Uint8Array(33)), "an address": "alice@example.org" },
  SessionId: { ...noBytes, "15 bytes": textOf(new Uint8Array(15)), "32 bytes": textOf(new Uint8Array(32)) },
  Username: { ...noText, "nothing": "", "two characters": "ab", "31 characters": "a".repeat(31), "capitals": "Alice", "a space": "a lice", "a NUL": "alice\0", "a letter of another script": "аlice", "a line": "alice\n" },
  ShortText: { ...noText, "a NUL": "a\0b", "a line break": "a\nb", "half a character": "\ud800", "101 characters": "x".repeat(101) },
  String: { "a number": 7, "an object": { a: 1 }, "a list": [["x"]] },
  Int: noNumber,
  Boolean: { "a text": "true", "a number": 1, "a list": [[true]] },
};

function tryWith(mutation: string, change: (input: Json) => Json): Promise<Outcome> {
  return mutate(relay, mutation, change(inputs.get(mutation)), lawful.get(mutation)?.token);
}

/** With a proof of the password that nobody used yet, where there is one in the input. */
async function tryFreshly(mutation: string, change: (input: Json) => Json): Promise<Outcome> {
  if ("loginId" in inputs.get(mutation)) inputs.set(mutation, await lawful.get(mutation)?.input());
  return tryWith(mutation, change);
}

const leavesIn = (mutation: string): InputLeaf[] => leavesOf(inputTypeOf(schema, mutation), inputs.get(mutation));

/** What a try may use up, right or wrong. */
async function dump(): Promise<unknown> {
  return { ...(await database.dump()), LoginAttempt: "" };
}

describe("what the contract excludes is refused as BAD_INPUT, says where it stands, and changes nothing", () => {
  test.each(mutations)("%s", async (mutation) => {
    const before = await dump();
    for (const { path, name, type } of leavesIn(mutation)) {
      for (const [what, value] of Object.entries(excluded[type] ?? {})) {
        const outcome = await tryWith(mutation, (input) => replaceAt(input, path, value));
        expect({ status: outcome.status, word: outcome.word, data: outcome.data ?? null }, `${name}: ${what}`).toEqual({ status: 400, word: "BAD_INPUT", data: null });
        expectHelpful(outcome, value);
        expect(outcome.errors[0]?.message, name).toContain(path[0]);
      }
    }
    expect(await dump()).toEqual(before);
  });

  test.each(mutations)("%s with a part that is missing, null, or not of the contract", async (mutation) => {
    const type = inputTypeOf(schema, mutation);
    const before = await dump();
    const places = requiredFieldsOf(type, inputs.get(mutation));
    for (const place of places) {
      for (const nothing of [null, undefined]) {
        const outcome = await tryWith(mutation, (input) => replaceAt(input, place, nothing));
        expect({ status: outcome.status, word: outcome.word }, place.join(".")).toEqual({ status: 400, word: "BAD_INPUT" });
        expectHelpful(outcome, nothing);
      }
    }
    const whole: Record<string, (input: Json) => unknown> = { "more than asked for": (input) => ({ ...input, isAdmin: true }), "no object": () => "input", "nothing": () => null };
    for (const [what, change] of Object.entries(whole)) {
      const outcome = await tryWith(mutation, change);
      expect({ status: outcome.status, word: outcome.word }, what).toEqual({ status: 400, word: "BAD_INPUT" });
    }
    expect(await dump()).toEqual(before);
  });
});


const wrongLength: Record<string, (bytes: Buffer) => Uint8Array> = {
  "nothing": () => new Uint8Array(),
  "the first byte missing": (bytes) => bytes.subarray(1),
  "the last byte missing": (bytes) => bytes.subarray(0, -1),
  "a byte more": (bytes) => Buffer.concat([bytes, Buffer.alloc(1)]),
  "64 KiB": () => new Uint8Array(65_536),
};
const wrongContent: Record<string, (bytes: Buffer) => Uint8Array> = {
  "zeros": (bytes) => new Uint8Array(bytes.length),
  // No format has this version.
  "noise": (bytes) => Buffer.concat([Buffer.from([255]), generateBytes(bytes.length - 1)]),
  "the first byte changed": (bytes) => flipped(bytes, 0),
  "a byte in the middle changed": (bytes) => flipped(bytes, bytes.length >> 1),
  "the last byte changed": (bytes) => flipped(bytes, bytes.length - 1),
};

/**
 * What the relay says to bytes of a wrong length, and to wrong ones of the right length in the order of `wrongContent`. taken: it
 * cannot know that they are wrong, because only the client's keys could tell; ?: whether they are a point of the curve is chance.
 */
const answers = Object.fromEntries(
  `
  startRegistration registrationRequest | BYTES_MALFORMED     | BYTES_MALFORMED     ?                   ?                   ?                   ?
  startPasswordChange registrationRequest | BYTES_MALFORMED   | BYTES_MALFORMED     ?                   ?                   ?                   ?
  startLogin loginRequest               | BYTES_MALFORMED     | BYTES_MALFORMED     ?                   ?                   ?                   ?
  register registrationRecord           | BYTES_MALFORMED     | taken               taken               taken               taken               taken
  register passwordWrap                 | BYTES_MALFORMED     | taken               taken               taken               taken               taken
  register recoveryWrap                 | BYTES_MALFORMED     | taken               taken               taken               taken               taken
  register recoveryVerifier             | BYTES_MALFORMED     | taken               taken               taken               taken               taken
  register entries.0                    | BYTES_MALFORMED     | BYTES_MALFORMED     BYTES_MALFORMED     BYTES_MALFORMED     SIGNATURE_INVALID   SIGNATURE_INVALID
  register selfGrant                    | BYTES_MALFORMED     | BYTES_MALFORMED     BYTES_MALFORMED     BYTES_MALFORMED     SIGNATURE_INVALID   SIGNATURE_INVALID
  register vault.manifest               | BYTES_MALFORMED     | BYTES_MALFORMED     BYTES_MALFORMED     BYTES_MALFORMED     SIGNATURE_INVALID   SIGNATURE_INVALID
  register vault.items.0.sealed         | VAULT_INVALID       | VAULT_INVALID       VAULT_INVALID       VAULT_INVALID       VAULT_INVALID       VAULT_INVALID
  finishLogin loginId                   | LOGIN_EXPIRED       | LOGIN_EXPIRED       LOGIN_EXPIRED       LOGIN_EXPIRED       LOGIN_EXPIRED       LOGIN_EXPIRED
  finishLogin loginFinish               | CREDENTIALS_INVALID | CREDENTIALS_INVALID CREDENTIALS_INVALID CREDENTIALS_INVALID CREDENTIALS_INVALID CREDENTIALS_INVALID
  changePassword loginId                | LOGIN_EXPIRED       | LOGIN_EXPIRED       LOGIN_EXPIRED       LOGIN_EXPIRED       LOGIN_EXPIRED       LOGIN_EXPIRED
  changePassword loginFinish            | CREDENTIALS_INVALID | CREDENTIALS_INVALID CREDENTIALS_INVALID CREDENTIALS_INVALID CREDENTIALS_INVALID CREDENTIALS_INVALID
  changePassword registrationRecord     | BYTES_MALFORMED     | taken               taken               taken               taken               taken
  changePassword passwordWrap           | BYTES_MALFORMED     | taken               taken               taken               taken               taken
  startRecovery recoveryProof           | BYTES_MALFORMED     | CREDENTIALS_INVALID CREDENTIALS_INVALID CREDENTIALS_INVALID CREDENTIALS_INVALID CREDENTIALS_INVALID
  finishRecovery recoveryProof          | BYTES_MALFORMED     | CREDENTIALS_INVALID CREDENTIALS_INVALID CREDENTIALS_INVALID CREDENTIALS_INVALID CREDENTIALS_INVALID
  finishRecovery registrationRecord     | BYTES_MALFORMED     | taken               taken               taken               taken               taken
  finishRecovery passwordWrap           | BYTES_MALFORMED     | taken               taken               taken               taken               taken
  finishRecovery recoveryWrap           | BYTES_MALFORMED     | taken               taken               taken               taken               taken
  finishRecovery recoveryVerifier       | BYTES_MALFORMED     | taken               taken               taken               taken               taken
  replaceCard loginId                   | LOGIN_EXPIRED       | LOGIN_EXPIRED       LOGIN_EXPIRED       LOGIN_EXPIRED       LOGIN_EXPIRED       LOGIN_EXPIRED
  replaceCard loginFinish               | CREDENTIALS_INVALID | CREDENTIALS_INVALID CREDENTIALS_INVALID CREDENTIALS_INVALID CREDENTIALS_INVALID CREDENTIALS_INVALID
  replaceCard entries.0                 | BYTES_MALFORMED     | BYTES_MALFORMED     BYTES_MALFORMED     BYTES_MALFORMED     SIGNATURE_INVALID   SIGNATURE_INVALID
  replaceCard grants.0                  | BYTES_MALFORMED     | BYTES_MALFORMED     BYTES_MALFORMED     BYTES_MALFORMED     CARD_STALE          CARD_STALE
  replaceCard vault.manifest            | BYTES_MALFORMED     | BYTES_MALFORMED     BYTES_MALFORMED     BYTES_MALFORMED     SIGNATURE_INVALID   SIGNATURE_INVALID
  replaceCard vault.items.0.sealed      | VAULT_INVALID       | VAULT_INVALID       VAULT_INVALID       VAULT_INVALID       VAULT_INVALID       VAULT_INVALID
  replaceCard registrationRecord        | BYTES_MALFORMED     | taken               taken               taken               taken               taken
  replaceCard passwordWrap              | BYTES_MALFORMED     | taken               taken               taken               taken               taken
  replaceCard recoveryWrap              | BYTES_MALFORMED     | taken               taken               taken               taken               taken
  replaceCard recoveryVerifier          | BYTES_MALFORMED     | taken               taken               taken               taken               taken
  deleteAccount loginId                 | LOGIN_EXPIRED       | LOGIN_EXPIRED       LOGIN_EXPIRED       LOGIN_EXPIRED       LOGIN_EXPIRED       LOGIN_EXPIRED
  deleteAccount loginFinish             | CREDENTIALS_INVALID | CREDENTIALS_INVALID CREDENTIALS_INVALID CREDENTIALS_INVALID CREDENTIALS_INVALID CREDENTIALS_INVALID
  deleteAccount records.0               | BYTES_MALFORMED     | BYTES_MALFORMED     BYTES_MALFORMED     BYTES_MALFORMED     BYTES_MALFORMED     SIGNATURE_INVALID
  requestFriendship record              | BYTES_MALFORMED     | BYTES_MALFORMED     BYTES_MALFORMED     BYTES_MALFORMED     SIGNATURE_INVALID   SIGNATURE_INVALID
  acceptFriendship record               | BYTES_MALFORMED     | BYTES_MALFORMED     BYTES_MALFORMED     BYTES_MALFORMED     BYTES_MALFORMED     SIGNATURE_INVALID
  acceptFriendship grant                | BYTES_MALFORMED     | BYTES_MALFORMED     BYTES_MALFORMED     BYTES_MALFORMED     SIGNATURE_INVALID   SIGNATURE_INVALID
  confirmFriendship record              | BYTES_MALFORMED     | BYTES_MALFORMED     BYTES_MALFORMED     BYTES_MALFORMED     BYTES_MALFORMED     SIGNATURE_INVALID
  confirmFriendship grant               | BYTES_MALFORMED     | BYTES_MALFORMED     BYTES_MALFORMED     BYTES_MALFORMED     SIGNATURE_INVALID   SIGNATURE_INVALID
  declineFriendship record              | BYTES_MALFORMED     | BYTES_MALFORMED     BYTES_MALFORMED     BYTES_MALFORMED     BYTES_MALFORMED     SIGNATURE_INVALID
  cancelFriendship record               | BYTES_MALFORMED     | BYTES_MALFORMED     BYTES_MALFORMED     BYTES_MALFORMED     BYTES_MALFORMED     SIGNATURE_INVALID
  endFriendship record                  | BYTES_MALFORMED     | BYTES_MALFORMED     BYTES_MALFORMED     BYTES_MALFORMED     BYTES_MALFORMED     SIGNATURE_INVALID
  endFriendship entries.0               | BYTES_MALFORMED     | BYTES_MALFORMED     BYTES_MALFORMED     BYTES_MALFORMED     SIGNATURE_INVALID   ENTRY_INVALID
  endFriendship grants.0                | BYTES_MALFORMED     | BYTES_MALFORMED     BYTES_MALFORMED     BYTES_MALFORMED     SIGNATURE_INVALID   SIGNATURE_INVALID
  createThought entry                   | BYTES_MALFORMED     | BYTES_MALFORMED     BYTES_MALFORMED     BYTES_MALFORMED     ENTRY_INVALID       ENTRY_INVALID
  withdrawThought entry                 | BYTES_MALFORMED     | BYTES_MALFORMED     BYTES_MALFORMED     BYTES_MALFORMED     CARD_STALE          ENTRY_INVALID
  appendEntries entries.0               | BYTES_MALFORMED     | BYTES_MALFORMED     BYTES_MALFORMED     BYTES_MALFORMED     SIGNATURE_INVALID   ENTRY_INVALID
  appendEntries grants.0                | BYTES_MALFORMED     | BYTES_MALFORMED     BYTES_MALFORMED     BYTES_MALFORMED     SIGNATURE_INVALID   SIGNATURE_INVALID
  showReceipt receipt                   | BYTES_MALFORMED     | BYTES_MALFORMED     BYTES_MALFORMED     BYTES_MALFORMED     SIGNATURE_INVALID   SIGNATURE_INVALID
  storeGrants grants.0                  | BYTES_MALFORMED     | BYTES_MALFORMED     BYTES_MALFORMED     BYTES_MALFORMED     SIGNATURE_INVALID   SIGNATURE_INVALID
  saveVault vault.manifest              | BYTES_MALFORMED     | BYTES_MALFORMED     BYTES_MALFORMED     BYTES_MALFORMED     SIGNATURE_INVALID   SIGNATURE_INVALID
  saveVault vault.items.0.sealed        | VAULT_INVALID       | VAULT_INVALID       VAULT_INVALID       VAULT_INVALID       VAULT_INVALID       VAULT_INVALID`
    .trim()
    .split("\n")
    .map((line) => {
      const [leaf = "", length = "", contents = ""] = line.split("|").map((part) => part.trim());
      return [leaf, { length, contents: contents.split(/ +/) }] as const;
    }),
);

const isRefused = ({ result, errors }: Outcome): boolean => errors.length > 0 || "code" in result;

describe("wrong bytes are refused with the code for what is wrong, and change nothing", () => {
  test.each(mutations)("%s", async (mutation) => {
    const before = await dump();
    for (const { path, name, type, value } of leavesIn(mutation)) {
      if (type !== "Bytes") continue;
      const { length, contents } = answers[`${mutation} ${name}`] ?? { length: "no row of the table", contents: [] };
      const expected: [what: string, change: (bytes: Buffer) => Uint8Array, code: string | undefined][] = [
        ...Object.entries(wrongLength).map(([what, change]) => [what, change, length] as [string, typeof change, string]),
        ...Object.entries(wrongContent).map(([what, change], index) => [what, change, contents[index]] as [string, typeof change, string | undefined]),
      ];
      for (const [what, change, code] of expected) {
        const wrong = textOf(change(bytesOf(value)));
        const outcome = await tryFreshly(mutation, (input) => replaceAt(input, path, wrong));
        if (code === "taken" || (code === "?" && !isRefused(outcome))) {
          expect(isRefused(outcome), `${name}: ${what}`).toBe(false);
          await database.restore();
          continue;
        }
        expect([outcome.status, outcome.word], `${name}: ${what}`).toEqual([200, code === "?" ? "BYTES_MALFORMED" : code]);
        expectHelpful(outcome, wrong);
      }
      expect(await dump(), name).toEqual(before);
    }
  });

  test("and the table says so of every bytes of every mutation", () => {
    const leaves = mutations.flatMap((mutation) => leavesIn(mutation).filter(({ type }) => type === "Bytes").map(({ name }) => `${mutation} ${name}`));
    expect(Object.keys(answers).sort()).toEqual(leaves.sort());
  });
});

describe("more than the relay takes is refused before it is looked at", () => {
  test.each(mutations)("%s", async (mutation) => {
    const before = await dump();
    const isSignedIn = lawful.get(mutation)?.token !== undefined;
    for (const { path, name, type } of leavesIn(mutation)) {
      if (type !== "Bytes") continue;
      const tooMany = await tryWith(mutation, (input) => replaceAt(input, path, textOf(new Uint8Array(1_572_865))));
      expect([tooMany.status, tooMany.word], name).toEqual(isSignedIn ? [400, "BAD_INPUT"] : [413, "SIZE_EXCEEDED"]);
      expectHelpful(tooMany, "AAAAAAAAAAAA");
    }
    const huge = await tryWith(mutation, (input) => ({ ...input, padding: "x".repeat(4 * 1024 * 1024) }));
    expect([huge.status, huge.word]).toEqual([413, "SIZE_EXCEEDED"]);
    expect(await dump()).toEqual(before);
  });
});

describe("numbers that are not the right one are refused", () => {
  const codes: Record<string, string> = { wrapVersion: "WRAP_STALE", expectedVersion: "VAULT_STALE", item: "VAULT_INVALID", itemVersion: "VAULT_INVALID" };

  test.each(mutations.filter((mutation) => ["register", "changePassword", "finishRecovery", "replaceCard", "saveVault"].includes(mutation)))("%s", async (mutation) => {
    const before = await dump();
    for (const { path, name, type, value } of leavesIn(mutation)) {
      if (type !== "Int") continue;
      for (const wrong of [-(2 ** 31), -1, 0, value - 1, value + 1, 255, 256, 65_536, 2 ** 31 - 1]) {
        const outcome = await tryFreshly(mutation, (input) => replaceAt(input, path, wrong));
        expect([outcome.status, outcome.word], `${name}: ${wrong}`).toEqual([200, codes[String(path.at(-1))]]);
        expectHelpful(outcome, wrong);
      }
    }
    expect(await dump()).toEqual(before);
  });
});

test("nothing of this was unexpected to the relay", () => {
  expect(relay.logs.filter((line) => /"level":("error"|50)/.test(line))).toEqual([]);
});
