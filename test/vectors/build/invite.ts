import { concatBytes, encodeBase64url, u8 } from "../../../src/protocol/index.ts";
import { toHex } from "../hex.ts";
import type { Vector } from "../vector.ts";
import { person, withNextCard } from "./material.ts";
import { Topic } from "./topic.ts";

const RELAY = "https://relay.example";

export function buildInvites(): Topic {
  const topic = new Topic("invite", "§2");
  const alice = person("alice");
  const proof = concatBytes(u8(1), alice.userId, alice.cardHash);
  const fragment = encodeBase64url(proof);
  const person1 = { userId: toHex(alice.userId), cardHash: toHex(alice.cardHash) };
  const create = (id: string, description: string, input: { relay: string; username?: string; cardHash?: string }, expect: Vector["expect"] = "ok") =>
    topic.add("create-invite-link", `create-${id}`, expect, description, { ...person1, ...input });
  create("named", "a link with a user name in its path", { relay: RELAY, username: "alice" });
  create("nameless", "a link that tells the relay nothing", { relay: RELAY });
  const later = toHex(withNextCard(alice, "alice 2").cardHash);
  create("later-card", "the id of the first card and the hash of the one in force", { relay: RELAY, username: "alice", cardHash: later });
  create("relay-with-path", "an address with a path is no relay's", { relay: `${RELAY}/sub` }, "bad-link");
  create("relay-with-slash", "an address with a slash at its end is another spelling", { relay: `${RELAY}/` }, "bad-link");

  const parse = (id: string, expect: Vector["expect"], description: string, link: string) => topic.add("parse-invite-link", id, expect, description, { link });
  const at = (relay: string): string => `${relay}/invite/alice#${fragment}`;
  parse("named", "ok", "with a user name", at(RELAY));
  parse("nameless", "ok", "without one", `${RELAY}/invite#${fragment}`);
  parse("port", "ok", "a port of its own", at(`${RELAY}:8443`));
  parse("http-ipv4", "ok", "a relay in one's own network", at("http://127.0.0.1:4600"));
  parse("https-80", "ok", "another scheme's own port has to be said", at("https://relay.example:80"));
  parse("ipv6", "ok", "an IPv6 address", at("http://[::1]:4600"));

  for (const [id, description, link] of [
    ["empty", "nothing", ""],
    ["space", "a space before it", ` ${at(RELAY)}`],
    ["no-scheme", "no scheme", at("relay.example")],
    ["other-scheme", "another scheme", at("ftp://relay.example")],
    ["upper-case-scheme", "a scheme in capitals", at("HTTPS://relay.example")],
    ["upper-case-host", "a host in capitals", at("https://Relay.example")],
    ["no-host", "no host", at("https://")],
    ["unicode-host", "a host that is not in its ASCII form", at("https://rélay.example")],
    ["user-info", "a user before the host", at("https://alice@relay.example")],
    ["own-port-https", "the port of https, which goes without saying", at(`${RELAY}:443`)],
    ["own-port-http", "the port of http, which goes without saying", at("http://relay.example:80")],
    ["port-zero", "port 0", at(`${RELAY}:0`)],
    ["port-zeros", "a port with a zero before it", at(`${RELAY}:08443`)],
    ["port-65536", "a port above all ports", at(`${RELAY}:65536`)],
    ["port-empty", "a colon without a port", at(`${RELAY}:`)],
    ["other-path", "another path", `${RELAY}/invites/alice#${fragment}`],
    ["path-before", "something before the path", `${RELAY}/peerbrain/invite/alice#${fragment}`],
    ["path-after", "something after the name", `${RELAY}/invite/alice/bob#${fragment}`],
    ["slash", "a slash after the name", `${RELAY}/invite/alice/#${fragment}`],
    ["slash-nameless", "a slash without a name", `${RELAY}/invite/#${fragment}`],
    ["query", "a query, which the relay would see", `${RELAY}/invite/alice?id=1#${fragment}`],
    ["name-short", "a user name that is too short", `${RELAY}/invite/al#${fragment}`],
    ["name-long", "a user name that is too long", `${RELAY}/invite/${"a".repeat(31)}#${fragment}`],
    ["name-upper-case", "a user name in capitals", `${RELAY}/invite/Alice#${fragment}`],
    ["name-escaped", "an escaped letter is another spelling", `${RELAY}/invite/%61lice#${fragment}`],
    ["no-fragment", "the proof is missing", `${RELAY}/invite/alice`],
  ] as const) {
    parse(id, "bad-link", description, link);
  }

  const proving = (id: string, expect: Vector["expect"], description: string, text: string) => parse(id, expect, description, `${RELAY}/invite/alice#${text}`);
  proving("empty-fragment", "bad-length", "an empty fragment", "");
  proving("padded", "bad-encoding", "base64url with padding", `${fragment}=`);
  proving("unused-bits", "bad-encoding", "unused bits that are not zero", fragment.slice(0, -1) + nextDigit(fragment.at(-1)!));
  proving("other-alphabet", "bad-encoding", "the alphabet of plain base64", `+${fragment.slice(1)}`);
  proving("newline", "bad-encoding", "the end of a line", `${fragment}\n`);
  proving("second-fragment", "bad-encoding", "a second #", `${fragment}#${fragment}`);
  proving("truncated", "bad-length", "the last byte is missing", encodeBase64url(proof.subarray(0, -1)));
  proving("longer", "bad-length", "a byte more", encodeBase64url(concatBytes(proof, u8(0))));
  proving("id-alone", "bad-length", "a user id without a card", encodeBase64url(proof.subarray(0, 33)));
  proving("version-0", "unknown-version", "version 0", encodeBase64url(concatBytes(u8(0), proof.subarray(1))));
  proving("version-2", "unknown-version", "a later version", encodeBase64url(concatBytes(u8(2), proof.subarray(1))));
  proving("version-2-longer", "unknown-version", "a later version with more in it: its version is told before its length", encodeBase64url(concatBytes(u8(2), proof, proof)));
  return topic;
}

// The last digit of 65 bytes carries four bits: the next one differs in bits that nobody uses.
const nextDigit = (digit: string): string => {
  const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  return digits.charAt(digits.indexOf(digit) + 1);
};
