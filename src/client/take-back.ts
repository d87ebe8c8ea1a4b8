import { createCancel } from "../crypto/index.ts";
import { encodeBase64url, type FriendshipId, type UserId } from "../protocol/index.ts";
import type { ClientContext } from "./context.ts";
import { expectResult } from "./errors.ts";
import { recordInput } from "./friendship-records.ts";
import { CancelFriendshipDocument } from "./generated/graphql.ts";
import { findUser } from "./people.ts";
import { withNewestCard } from "./with-newest-card.ts";

/** Takes an own request back at the relay. Throws RelayRefusal FRIENDSHIP_STATE when it was answered, FRIENDSHIP_NOT_FOUND. */
export async function takeBack({ own, transport }: ClientContext, fid: FriendshipId, userId: UserId): Promise<void> {
  await withNewestCard(async () => {
    // They may have another card by now than the one that was asked.
    const user = await findUser(transport, { id: encodeBase64url(userId) });
    const record = createCancel(recordInput(own, fid, user));
    const { cancelFriendship } = await transport.execute(CancelFriendshipDocument, { input: { record: encodeBase64url(record) } });
    expectResult(cancelFriendship, "FriendshipCancelled");
  });
}
