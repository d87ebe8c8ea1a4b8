import { expect } from "vitest";
import { hash } from "../../src/crypto/public/hash.ts";
import type { Account } from "../../src/client/index.ts";
import { encodeCrockford, encodeUtf8 } from "../../src/protocol/index.ts";
import { createStage } from "./harness/attack.ts";
import type { Scene } from "./harness/scene.ts";

// A relay that waits for mistyped codes learns of none: what is no code is told on the device, and nothing made of it leaves.
const attack = createStage();

/** Somebody whose code holds digits that people take for letters. */
async function meet(scene: Scene): Promise<{ alice: Account; code: string }> {
  for (;;) {
    const alice = await scene.register("alice");
    const code = scene.recoveryCodeOf(alice).replaceAll("-", "");
    if (code.includes("0") && code.includes("1")) return { alice, code };
  }
}

const SECRET_CHARACTERS = 26;

function withCheck(characters: string): string {
  const [first = 0, second = 0] = hash("rc-check", encodeUtf8(characters));
  return characters + encodeCrockford([first >> 3, ((first & 7) << 2) | (second >> 6)]);
}

const codes: [name: string, mistype: (code: string) => string][] = [
  ["a recovery code with a character too many", (code) => `${code.slice(0, SECRET_CHARACTERS)}7${code.slice(SECRET_CHARACTERS)}`],
  ["a recovery code with a letter that no code has", (code) => withCheck(`${code.slice(0, SECRET_CHARACTERS - 1)}U`)],
  ["a recovery code with other check characters", (code) => code.slice(0, -1) + (code.endsWith("7") ? "8" : "7")],
];

for (const [name, mistype] of codes) {
  attack(`${name}, typed where the relay listens`, { refusal: "RECOVERY_CODE_WRONG: bad-code" }, async (scene) => {
    const { alice, code } = await meet(scene);
    const type = (typed: string): void => void scene.stage.recoveryCodes.set(alice.username, typed);
    type(mistype(code));
    await scene.refused(scene.recover(alice));
    expect(await scene.nothingSent("StartRecovery")).toBe("NOTHING_SENT");
    await scene.honest(async () => {
      // As people read it from paper.
      type(code.toLowerCase().replaceAll("0", "o").replace("1", "l").replaceAll("1", "i"));
      expect((await scene.recover(alice)).userId).toEqual(alice.userId);
    });
  });
}
