import { parseAccessTable } from "./access-table.ts";

/**
 * What each role is sent of each field that a subscription reaches, after asking for the chains of everybody from their first
 * entries on. Everybody has a common friend, so that there is always something to be sent.
 *
 * alice: Alice's among others. own: of others, and nothing of Alice's. A number: that value. 4403: the socket is refused.
 */
export const subscriptionAccess = parseAccessTable(`
# who listens, and what they are to Alice     nobody stranger pendingRequester pendingAccepter acceptedRequester acceptedAccepter friend exFriend owner
Subscription    thoughtCreated                | 4403 own      own              own             alice             own              alice  own      own
Subscription    entryAppended                 | 4403 own      own              own             alice             own              alice  own      alice
Subscription    friendshipChanged             | 4403 own      alice            alice           alice             alice            alice  alice    alice

EntryAppended   entry receipt                 | 4403 own      own              own             alice             own              alice  own      alice
# oneself, the common friend, and whom else one reads
CaughtUp        authors                       | 4403 2        2                2               3                 2                3      2        4
FriendshipEvent number kind friendship        | 4403 own      alice            alice           alice             alice            alice  alice    alice
`);
