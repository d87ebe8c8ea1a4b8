import { encodeBase64url, parseBase64url } from "./base64url.ts";
import { ByteReader, concatBytes, demandVersion, sized, u8 } from "./bytes.ts";
import type { CardHash, UserId } from "./ids.ts";
import { FORMAT_VERSION, HASH_BYTES } from "./limits.ts";
import { demand } from "./protocol-error.ts";

/** Where somebody is found, and which identity card is theirs (PROTOCOL.md §2 "Invite links"). */
export interface InviteLink {
  /** Scheme, host and, unless it is the scheme's own, port: "https://relay.example". */
  relay: string;
  /** A claim that people read; the id below is the proof. */
  username?: string;
  userId: UserId;
  /** The card that was in force when the link was made. */
  cardHash: CardHash;
}

const LINK = /^((https?):\/\/(?:[a-z0-9._-]{1,255}|\[[0-9a-f:.]{2,45}\])(?::([1-9][0-9]{0,4}))?)\/invite(?:\/([a-z0-9_]{3,30}))?#(.*)$/s;
const MAX_PORT = 65_535;
const OWN_PORT: Readonly<Record<string, number>> = { http: 80, https: 443 };

/** The one spelling of an invite link. What it would not parse it does not encode. @throws ProtocolError bad-link */
export function encodeInviteLink({ relay, username, userId, cardHash }: InviteLink): string {
  const proof = concatBytes(u8(FORMAT_VERSION), sized(userId, HASH_BYTES), sized(cardHash, HASH_BYTES));
  const path = username === undefined ? "/invite" : `/invite/${username}`;
  const link = `${relay}${path}#${encodeBase64url(proof)}`;
  parseInviteLink(link);
  return link;
}

/** @throws ProtocolError bad-link, bad-encoding, unknown-version, bad-length */
export function parseInviteLink(text: string): InviteLink {
  const [, relay, scheme = "", port, username, fragment = ""] = LINK.exec(text) ?? [];
  demand(relay !== undefined, "bad-link");
  // A port that goes without saying would be a second spelling.
  demand(port === undefined || (Number(port) <= MAX_PORT && Number(port) !== OWN_PORT[scheme]), "bad-link");
  const proof = parseBase64url(fragment);
  demandVersion(proof, FORMAT_VERSION);
  const reader = new ByteReader(proof);
  reader.u8();
  const [userId, cardHash] = [reader.take(HASH_BYTES), reader.take(HASH_BYTES)];
  reader.end();
  return { relay, ...(username === undefined ? {} : { username }), userId, cardHash };
}
