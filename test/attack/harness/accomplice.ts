import type { Account } from "../../../src/client/index.ts";
import { cardHashOf, entryHashOf } from "../../../src/crypto/index.ts";
import { sign } from "../../../src/crypto/sign.ts";
import { concatBytes, encodeBase64url, ENTRY_HEADER_BYTES, parseBase64url, parseCard, SIGNED_HEADER_BYTES } from "../../../src/protocol/index.ts";
import { nextNotice } from "../../scenario/support.ts";
import type { Author } from "../../support/author.ts";
import { ask, type Json } from "../../support/graphql.ts";
import { type Member, succeed } from "../../support/member.ts";
import type { Asked } from "./lies.ts";
import { idOf, type Scene } from "./scene.ts";

/** What an accomplice needs of an honest person to sign something about them: public parts alone. */
export async function peerOf({ stage }: Scene, { userId }: { userId: Uint8Array }, member: Member): Promise<Author> {
  const query = "query ($id: UserId!) { user(id: $id) { cards { bytes } } }";
  const { data } = await ask(stage.relay, { query, variables: { id: encodeBase64url(userId) }, token: member.token });
  const card = parseCard(parseBase64url(data.user.cards.at(-1).bytes));
  return { userId, person: { card, cardHash: cardHashOf(card) } } as Author;
}

/** The account asks the accomplice, who accepts by hand. Answers the friendship's id. */
export async function befriendAccomplice(scene: Scene, account: Account, member: Member): Promise<Uint8Array> {
  const told = nextNotice(account, "befriended");
  await account.friends.request(member.username);
  const query = "{ viewer { requests(direction: RECEIVED, first: 50) { nodes { id requester { id } } } } }";
  const { data } = await ask(scene.stage.relay, { query, token: member.token });
  const { id } = data.viewer.requests.nodes.find(({ requester }: Json) => requester.id === idOf(account));
  const fid = parseBase64url(id);
  const peer = await peerOf(scene, account, member);
  await succeed(scene.stage.relay, "acceptFriendship", { record: member.hand.acceptRecord(fid, peer), grant: member.hand.grant(peer) }, member.token);
  await told;
  return fid;
}

/** An entry as the relay hands it out, with a receipt that only the relay can sign. */
export function entryNode({ stage }: Scene, author: Uint8Array, { bytes, seq }: { bytes: Uint8Array; seq: number }): Json {
  const receipt = stage.receiptFor({ author, seq, entryHash: entryHashOf(bytes.slice(0, ENTRY_HEADER_BYTES)) });
  return { author: encodeBase64url(author), seq, bytes: encodeBase64url(bytes), withdrawn: false, receipt: { bytes: encodeBase64url(receipt) } };
}

/** The entry with another header, signed again by the accomplice: what a false friend can do and the network cannot. */
export function signAgain({ hand }: Member, bytes: Uint8Array, change: (header: Buffer) => void): Uint8Array {
  const header = Buffer.from(bytes.subarray(0, ENTRY_HEADER_BYTES));
  change(header);
  return concatBytes(header, sign(hand.person.identity.sign.secretKey, "entry", header), bytes.subarray(SIGNED_HEADER_BYTES));
}

/** What a client asks a chain for. */
export const isHead = ({ variables }: Asked): boolean => variables.order === "NEWEST_FIRST" && variables.first === 1;
export const isOutline = ({ variables }: Asked): boolean => variables.types !== null;
export const isOlder = ({ variables }: Asked): boolean => variables.order === "NEWEST_FIRST" && variables.first > 1;
export const isNewer = ({ variables }: Asked): boolean => variables.order === "OLDEST_FIRST" && variables.types === null;

/** Changes the answers about one author's chain for one of the purposes above. */
export function rewriteChain(scene: Scene, author: { userId: Uint8Array }, isMeant: (asked: Asked) => boolean, change: (nodes: Json[]) => Json[]): void {
  scene.lies.rewrite("Chain", ({ chain }, asked) => {
    if (asked.variables.author === idOf(author) && isMeant(asked)) chain.nodes = change(chain.nodes);
  });
}

/** Base64url with one bit of one byte turned over; from the end if negative. */
export function flip(text: string, byte: number): string {
  const bytes = Buffer.from(text, "base64url");
  bytes[byte < 0 ? bytes.length + byte : byte]! ^= 1;
  return bytes.toString("base64url");
}
