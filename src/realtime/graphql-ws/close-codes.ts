/**
 * Why the relay closes a WebSocket, besides the codes of the graphql-transport-ws protocol (4400 malformed, 4401 not
 * signed in, 4403 access token refused, 4408 no connection_init in time, 4409 subscription id in use, 4429 second
 * connection_init) and of WebSocket itself (1009 frame too large).
 */
export const CLOSE_CODES = {
  /** The relay stops. Connect again. */
  GOING_AWAY: 1001,
  TRY_AGAIN_LATER: 1013,
  MALFORMED: 4400,
  /** The session ended: log in again. Stock clients take 4401 as final. */
  SESSION_ENDED: 4401,
  /** The client reads too slowly. Connect again and resume by positions. */
  SLOW_CONSUMER: 4290,
  /** More operations at once on this socket than allowed. */
  TOO_MANY_SUBSCRIPTIONS: 4291,
  /** More sockets of this user than allowed. */
  TOO_MANY_SOCKETS: 4292,
} as const;
