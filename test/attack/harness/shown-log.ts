import { logLeafHashOf, userNameHashOf } from "../../../src/crypto/index.ts";
import { createCheckpoint } from "../../../src/crypto/relay/index.ts";
import { encodeBase64url, idKey, parseBase64url, type KeyLogLeaf } from "../../../src/protocol/index.ts";
import { ask, type Json } from "../../support/graphql.ts";
import { createPerson } from "../../support/person.ts";
import { consistencyPath, inclusionPath, rootOf } from "../../vectors/build/log-twin.ts";
import type { Scene } from "./scene.ts";

/** The leaves of the log that everybody is shown. */
export async function honestLeaves({ stage }: Scene): Promise<KeyLogLeaf[]> {
  const { data } = await ask(stage.relay, { query: "{ keyLog { leaves(first: 1000) { nameHash userId cardHash } } }" });
  const parse = ({ nameHash, userId, cardHash }: Json): KeyLogLeaf => ({ nameHash: parseBase64url(nameHash), userId: parseBase64url(userId), cardHash: parseBase64url(cardHash) });
  return data.keyLog.leaves.map(parse);
}

export function madeUpLeaf(username: string): KeyLogLeaf {
  const { userId, cardHash } = createPerson();
  return { nameHash: userNameHashOf(username), userId, cardHash };
}

/** From now on whoever signs in where the relay lies is shown a log of their own, signed and whole; a hand may change the answers. */
export function showLog(scene: Scene, leavesNow: () => KeyLogLeaf[], change: (keyLog: Json) => void = () => undefined): void {
  scene.lies.invent("KeyLog", ({ variables }) => {
    const keyLog = answerFrom(scene, leavesNow(), variables);
    change(keyLog);
    return { keyLog };
  });
}

function answerFrom({ stage }: Scene, leaves: KeyLogLeaf[], { from, leaves: asked, names }: Json): Json {
  const hashes = leaves.map(logLeafHashOf);
  const texts = (path: Uint8Array[]): string[] => path.map(encodeBase64url);
  return {
    checkpoint: encodeBase64url(createCheckpoint(stage.receiptKey, { size: leaves.length, root: rootOf(hashes), relayMs: Date.now() })),
    consistency: from.map((size: number) => ({ from: size, path: size > leaves.length ? [] : texts(consistencyPath(size, hashes)) })),
    inclusion: asked.map((text: string) => {
      const index = hashes.findIndex((hash) => idKey(hash) === text);
      return index < 0 ? null : { index, path: texts(inclusionPath(index, hashes)) };
    }),
    leavesOf: leaves.filter(({ nameHash }) => names.includes(idKey(nameHash))).map(({ nameHash, userId, cardHash }) => ({ nameHash: idKey(nameHash), userId: idKey(userId), cardHash: idKey(cardHash) })),
  };
}
