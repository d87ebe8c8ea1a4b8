import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { SessionFile } from "../../src/cli/session-file.ts";
import type { KeptSession } from "../../src/client/index.ts";
import { createTemporaryFolder, type TemporaryFolder } from "../support/folders.ts";

let folder: TemporaryFolder;
beforeAll(async () => {
  folder = await createTemporaryFolder();
});
afterAll(() => folder.remove());

const kept: KeptSession = { userId: "u", username: "alice", masterKey: "m", tokens: { sessionId: "s", accessToken: "a", accessTokenExpiresAt: 1, refreshToken: "r" } };

test("a program whose profile another one sealed with another key has to start again; who never opened it has the wrong password", async () => {
  const makeKey = () => ({ key: randomBytes(32), note: { keeper: "password" as const, salt: "" } });
  const [before, after] = [makeKey(), makeKey()];
  const fileOf = (key: ReturnType<typeof makeKey>, isReplacing = false): SessionFile =>
    new SessionFile({ profile: { name: "alice", folder: folder.path }, relay: "http://127.0.0.1:4600", findKey: async () => key, isReplacing });
  const read = async (file: SessionFile): Promise<unknown> => {
    let found: KeptSession | undefined;
    await file.update(async (held) => (found = held));
    return found;
  };
  await fileOf(before, true).update(async () => kept);
  const beside = fileOf(before);
  expect(await read(beside)).toEqual(kept);

  await fileOf(before).changeKey(after);
  expect(await read(fileOf(after))).toEqual(kept);
  await expect(read(beside)).rejects.toMatchObject({ code: "SIGNED_OUT", exitCode: 3 });
  await expect(read(fileOf(before))).rejects.toMatchObject({ code: "PASSWORD_WRONG", exitCode: 3 });
});
