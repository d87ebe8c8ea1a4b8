import { expect } from "vitest";
import { concatBytes, encodeBase64url, encodeInviteLink, parseBase64url, parseInviteLink, u8 } from "../../src/protocol/index.ts";
import { createStage } from "./harness/attack.ts";
import { share } from "./harness/share.ts";
import type { Account } from "../../src/client/index.ts";

// A link comes from anybody. What is not spelt as links are is not looked at any further, and nobody is asked about it.
const attack = createStage();

interface Cast {
  maker: Account;
  victim: Account;
}

const cast = share(async (scene): Promise<Cast> => ({ maker: await scene.register("maker"), victim: await scene.register("victim") }));

/** A link where the victim is signed in, in its parts. */
interface Parts {
  origin: string;
  host: string;
  proof: Uint8Array;
}

const text = ({ proof }: Parts): string => encodeBase64url(proof);

const links: [name: string, refusal: string, spell: (parts: Parts) => string][] = [
  ["a link with something in front of it", "bad-link", (parts) => `view-source:${parts.origin}/invite#${text(parts)}`],
  ["a link in capitals", "bad-link", (parts) => `${parts.origin}/INVITE#${text(parts)}`],
  ["a link with another path", "bad-link", (parts) => `${parts.origin}/elsewhere/invite#${text(parts)}`],
  ["a link with a name that nobody can have", "bad-link", (parts) => `${parts.origin}/invite/An Admin of This Relay#${text(parts)}`],
  ["a link to a port that does not exist", "bad-link", (parts) => `http://${parts.host}:99999/invite#${text(parts)}`],
  ["a link to the port that goes without saying", "bad-link", (parts) => `http://${parts.host}:80/invite#${text(parts)}`],
  ["a link to a port with zeros before it", "bad-link", (parts) => `http://${parts.host}:04600/invite#${text(parts)}`],
  ["a link of an unknown version", "unknown-version", (parts) => `${parts.origin}/invite#${text({ ...parts, proof: concatBytes(u8(2), parts.proof.subarray(1)) })}`],
  ["a link with a byte behind the card", "bad-length", (parts) => `${parts.origin}/invite#${text({ ...parts, proof: concatBytes(parts.proof, u8(0)) })}`],
  ["a link cut short", "bad-length", (parts) => `${parts.origin}/invite#${text({ ...parts, proof: parts.proof.slice(0, -1) })}`],
];

for (const [name, refusal, spell] of links) {
  attack(name, { refusal: `INVITE_MALFORMED: ${refusal}` }, async (scene) => {
    const { maker, victim } = await cast.meet(scene);
    const { origin } = scene.stage.hostile;
    const device = await scene.login(victim);
    const lawful = encodeInviteLink({ ...parseInviteLink(maker.friends.inviteLink({ named: false })), relay: origin });
    const proof = parseBase64url(new URL(lawful).hash.slice(1));
    await scene.refused(device.friends.request({ link: spell({ origin, host: new URL(origin).hostname, proof }) }));
    expect(await scene.nothingSent("UserById", "RequestFriendship", "AcceptFriendship")).toBe("NOTHING_SENT");
    await scene.honest(async () => {
      await device.friends.request({ link: lawful });
      expect((await device.friends.requests()).sent).toMatchObject([{ username: maker.username }]);
      await device.friends.cancel(maker.username);
    });
  });
}
