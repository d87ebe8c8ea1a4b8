import { parseAccessTable } from "./access-table.ts";

/**
 * What each role gets of each field that a query reaches.
 *
 * same: exactly what Alice reads by the same question. own: data, and not what Alice reads. data: something, which changes by
 * itself. null, empty: as it says. 401: UNAUTHENTICATED. closed: CHAIN_NOT_READABLE.
 */
export const queryAccess = parseAccessTable(`
# who asks, and what they are to Alice                   nobody stranger pendingRequester pendingAccepter acceptedRequester acceptedAccepter friend exFriend owner
Query         relay                                    | data   data     data             data            data              data             data   data     data
Query         viewer                                   | 401    own      own              own             own               own              own    own      same
Query         user userByName userByEmail users        | 401    same     same             same            same              same             same   same     same
Query         friendship                               | 401    null     same             same            same              same             same   same     same
Query@others  friendship                               | 401    null     null             null            null              null             null   null     same
Query         thought                                  | 401    null     null             null            same              null             same   null     same
Query         feed                                     | 401    empty    empty            empty           own               empty            own    empty    same
Query         chain                                    | 401    closed   closed           closed          same              closed           same   closed   same
Query         vault                                    | 401    own      own              own             own               own              own    own      same
Query         grants                                   | 401    empty    empty            empty           own               empty            own    empty    same
Query@all     grants                                   | 401    own      own              own             own               own              own    own      same
Query         missingGrants                            | 401    empty    empty            empty           empty             empty            empty  empty    same

Relay         protocolVersion softwareVersion limits   | same   same     same             same            same              same             same   same     same
Relay         receiptKey opaqueKey                     | same   same     same             same            same              same             same   same     same
Relay         needsInvitation                          | same   same     same             same            same              same             same   same     same
Relay         time                                     | data   data     data             data            data              data             data   data     data
RelayLimits   maxRequestBytes maxFrameBytes maxFriends | same   same     same             same            same              same             same   same     same
RelayLimits   maxVaultItemBytes accessTokenSeconds     | same   same     same             same            same              same             same   same     same

# the key log, which everybody may check
Query         keyLog                                   | data   data     data             data            data              data             data   data     data
KeyLog        checkpoint                               | data   data     data             data            data              data             data   data     data
KeyLog        size leaves                              | same   same     same             same            same              same             same   same     same
KeyLog        consistency inclusion leavesOf           | empty  empty    empty            empty           empty             empty            empty  empty    empty
ConsistencyProof from path                             | same   same     same             same            same              same             same   same     same
InclusionProof index path                              | same   same     same             same            same              same             same   same     same
KeyLogLeaf    index nameHash userId cardHash           | same   same     same             same            same              same             same   same     same

# Alice as everybody sees her
User          id username createdAt deleted card cards | 401    same     same             same            same              same             same   same     same
User          friendship                               | 401    null     own              own             own               own              own    own      null
User          thoughts                                 | 401    empty    empty            empty           same              empty            same   empty    same
UserByEmail   user proven                              | 401    same     same             same            same              same             same   same     same
IdentityCard  version hash bytes                       | 401    same     same             same            same              same             same   same     same
UserConnection edges nodes pageInfo                    | 401    same     same             same            same              same             same   same     same
UserEdge      cursor node                              | 401    same     same             same            same              same             same   same     same

# what only oneself sees
Viewer        user session sessions head               | 401    own      own              own             own               own              own    own      same
Viewer        vaultVersion wrapVersion                 | 401    own      own              own             own               own              own    own      same
Viewer        listedByEmail eventNumber                | 401    own      own              own             own               own              own    own      same
Viewer        friends                                  | 401    empty    empty            empty           empty             empty            same   empty    same
Viewer        requests                                 | 401    empty    own              own             own               own              empty  empty    same
Session       id deviceName createdAt refreshedAt      | 401    own      own              own             own               own              own    own      same
Session       current                                  | 401    own      own              own             own               own              own    own      same
Vault         version manifest items                   | 401    own      own              own             own               own              own    own      same
VaultItem     item itemVersion sealed                  | 401    own      own              own             own               own              own    own      same
MissingGrant  recipient asked                          | 401    empty    empty            empty           empty             empty            empty  empty    same

# what is between two people, and nobody else's
Friendship    id state requester accepter              | 401    null     same             same            same              same             same   same     same
Friendship    createdAt expiresAt changedAt            | 401    null     same             same            same              same             same   same     same
Friendship    requestRecord                            | 401    null     same             same            same              same             same   same     same
Friendship    peer                                     | 401    null     own              own             own               own              own    own      same
Friendship    acceptRecord                             | 401    null     null             null            same              same             same   same     same
Friendship    confirmRecord                            | 401    null     null             null            null              null             same   same     same
Friendship    endRecord                                | 401    null     null             null            null              null             null   same     null
FriendshipConnection edges nodes                       | 401    empty    empty            empty           empty             empty            same   empty    same
FriendshipConnection pageInfo                          | 401    own      own              own             own               own              same   own      same
FriendshipEdge cursor node                             | 401    empty    empty            empty           empty             empty            same   empty    same

# Alice's chain, for her readers
Thought       id author seq epoch writtenAt receivedAt | 401    null     null             null            same              null             same   null     same
Thought       withdrawn sealedText entry               | 401    null     null             null            same              null             same   null     same
ThoughtConnection edges nodes                          | 401    empty    empty            empty           same              empty            same   empty    same
ThoughtConnection pageInfo                             | 401    own      own              own             same              own              same   own      same
ThoughtEdge   cursor node                              | 401    empty    empty            empty           same              empty            same   empty    same
PageInfo      hasNextPage                              | 401    own      own              own             same              own              same   own      same
PageInfo      endCursor                                | 401    null     null             null            same              null             same   null     same
Entry         author seq type epoch hash bytes         | 401    closed   closed           closed          same              closed           same   closed   same
Entry         withdrawn receipt                        | 401    closed   closed           closed          same              closed           same   closed   same
Receipt       bytes receivedAt                         | 401    closed   closed           closed          same              closed           same   closed   same
ChainHead     author seq hash epoch                    | 401    closed   closed           closed          same              closed           same   closed   same
ChainHead@own author seq hash epoch                    | 401    own      own              own             own               own              own    own      same
EntryConnection edges nodes pageInfo head              | 401    closed   closed           closed          same              closed           same   closed   same
EntryEdge     cursor node                              | 401    closed   closed           closed          same              closed           same   closed   same

# grants of Alice's, sealed to whoever asks
Grant         author epoch kind                        | 401    empty    empty            empty           same              empty            same   empty    same
Grant         bytes                                    | 401    empty    empty            empty           own               empty            own    empty    same
GrantConnection edges                                  | 401    empty    empty            empty           same              empty            same   empty    same
GrantConnection nodes                                  | 401    empty    empty            empty           own               empty            own    empty    same
GrantConnection pageInfo                               | 401    own      own              own             same              own              same   own      same
GrantEdge     cursor                                   | 401    empty    empty            empty           same              empty            same   empty    same
GrantEdge     node                                     | 401    empty    empty            empty           own               empty            own    empty    same
`);

/** How each field of Query is called for what is Alice's. */
export const queryCalls: Record<string, string> = {
  relay: "relay",
  viewer: "viewer",
  user: "user(id: $alice)",
  userByName: "userByName(username: $username)",
  userByEmail: "userByEmail(email: $email)",
  users: "users(search: $search)",
  friendship: "friendship(id: $friendship)",
  "friendship@others": "friendship(id: $friendshipOfOthers)",
  thought: "thought(author: $alice, seq: $seq)",
  feed: "feed",
  chain: "chain(author: $alice)",
  vault: "vault",
  grants: "grants(author: $alice)",
  "grants@all": "grants",
  missingGrants: "missingGrants",
  keyLog: "keyLog",
};

/** By which question each type is reached; _ is the field. */
export const queryDoors: Record<string, string> = {
  Relay: "relay { _ }",
  RelayLimits: "relay { limits { _ } }",
  KeyLog: "keyLog { _ }",
  ConsistencyProof: "keyLog { consistency(from: [1, 3]) { _ } }",
  InclusionProof: "keyLog { inclusion(leaves: [$leaf]) { _ } }",
  KeyLogLeaf: "keyLog { leaves { _ } }",
  User: "user(id: $alice) { _ }",
  UserByEmail: "userByEmail(email: $email) { _ }",
  IdentityCard: "user(id: $alice) { card { _ } }",
  UserConnection: "users(search: $search) { _ }",
  UserEdge: "users(search: $search) { edges { _ } }",
  Viewer: "viewer { _ }",
  Session: "viewer { sessions { _ } }",
  Vault: "vault { _ }",
  VaultItem: "vault { items { _ } }",
  MissingGrant: "missingGrants { _ }",
  Friendship: "friendship(id: $friendship) { _ }",
  FriendshipConnection: "viewer { friends { _ } }",
  FriendshipEdge: "viewer { friends { edges { _ } } }",
  Thought: "thought(author: $alice, seq: $seq) { _ }",
  ThoughtConnection: "user(id: $alice) { thoughts { _ } }",
  ThoughtEdge: "user(id: $alice) { thoughts { edges { _ } } }",
  PageInfo: "user(id: $alice) { thoughts(first: 1) { pageInfo { _ } } }",
  Entry: "chain(author: $alice, types: [THOUGHT]) { nodes { _ } }",
  Receipt: "chain(author: $alice) { nodes { receipt { _ } } }",
  ChainHead: "chain(author: $alice) { head { _ } }",
  "ChainHead@own": "viewer { head { _ } }",
  EntryConnection: "chain(author: $alice) { _ }",
  EntryEdge: "chain(author: $alice) { edges { _ } }",
  Grant: "grants(author: $alice) { nodes { _ } }",
  GrantConnection: "grants(author: $alice) { _ }",
  GrantEdge: "grants(author: $alice) { edges { _ } }",
};
