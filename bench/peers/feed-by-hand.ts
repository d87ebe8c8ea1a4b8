import type pg from "pg";

/** The feed as one writes it down for PostgreSQL: few authors can be on the page, and few of their thoughts. */
const FEED = `
  SELECT e.* FROM (
    SELECT newest."author", t."seq", t."receivedAtMs" FROM (
      SELECT g."author", n."receivedAtMs" FROM "Edge" g
      CROSS JOIN LATERAL (SELECT "receivedAtMs" FROM "Entry" WHERE "author" = g."author" AND "type" = 2 ORDER BY "receivedAtMs" DESC, "seq" DESC LIMIT 1) n
      WHERE g."reader" = $1 ORDER BY n."receivedAtMs" DESC, g."author" DESC LIMIT $2
    ) newest
    CROSS JOIN LATERAL (
      SELECT "seq", "receivedAtMs" FROM "Entry" WHERE "author" = newest."author" AND "type" = 2 ORDER BY "receivedAtMs" DESC, "seq" DESC LIMIT $2
    ) t
    ORDER BY t."receivedAtMs" DESC, newest."author" DESC, t."seq" DESC LIMIT $2
  ) places
  CROSS JOIN LATERAL (SELECT * FROM "Entry" WHERE "author" = places."author" AND "seq" = places."seq" LIMIT 1) e
  ORDER BY e."receivedAtMs" DESC, e."author" DESC, e."seq" DESC`;

/** Asks by hand-written SQL through `pg`, prepared once for each connection. */
export function openFeedByHand(pool: pg.Pool): (reader: Uint8Array, first: number) => Promise<unknown[]> {
  return async (reader, first) => (await pool.query({ name: "feed by hand", text: FEED, values: [reader, first] })).rows;
}
