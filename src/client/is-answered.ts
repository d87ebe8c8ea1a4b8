import { cardHashOf, demandAnswerTo, verifyFriendshipRecord } from "../crypto/index.ts";
import { encodeBase64url, equalBytes, FriendshipRecordType, parseBase64url, parseCard, parseFriendRequest, parseFriendshipRecord, ProtocolError, type FriendshipId } from "../protocol/index.ts";
import type { ClientContext } from "./context.ts";
import { FriendshipByIdDocument } from "./generated/graphql.ts";

const GOING_ON: ReadonlySet<string> = new Set(["ACCEPTED", "CONFIRMED"]);

/** Whether the relay holds an own answer of this kind, signed with any own card, to a friendship that goes on. */
export async function isAnswered({ own, vault, transport }: ClientContext, fid: FriendshipId, type: FriendshipRecordType): Promise<boolean> {
  const { friendship } = await transport.execute(FriendshipByIdDocument, { id: encodeBase64url(fid) });
  if (friendship === null || !GOING_ON.has(friendship.state)) return false;
  const record = type === FriendshipRecordType.ACCEPT ? friendship.acceptRecord : friendship.confirmRecord;
  if (record === null) return false;
  try {
    const bytes = parseBase64url(record);
    const { signerCardHash } = parseFriendshipRecord(bytes);
    const card = vault.content.identity.cards.map((one) => parseCard(one.card)).find((one) => equalBytes(cardHashOf(one), signerCardHash));
    if (card === undefined) return false;
    const answer = verifyFriendshipRecord({ userId: own.userId, card }, bytes);
    demandAnswerTo(parseFriendRequest(parseBase64url(friendship.requestRecord)), answer);
    return answer.type === type && equalBytes(answer.fid, fid);
  } catch (error) {
    if (error instanceof ProtocolError) return false;
    throw error;
  }
}
