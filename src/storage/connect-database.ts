import pg from "pg";
import { StartRefused } from "../domain/start-refused.ts";
import { errorCode } from "./error-code.ts";

const TIMEOUT_MS = 5_000;
const MIN_VERSION = 15;

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there",
  ENOTFOUND: "there is no host of that name",
  "28P01": "the user or the password is wrong",
  "28000": "the server does not let this user in from here",
  "3D000": "there is no database of that name",
  "53300": "the server has no connection left",
  "57P03": "the server is still starting",
};

/**
 * One connection for the work of the start. The caller ends it. Throws StartRefused DATABASE_UNREACHABLE or
 * DATABASE_TOO_OLD; the text names the server and never the password.
 */
export async function connectDatabase(connection: pg.ClientConfig): Promise<pg.Client> {
  const client = createClient(connection);
  // The query under way reports a broken connection; an error without a listener would end the relay.
  client.on("error", () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ version: number }>("SELECT current_setting('server_version_num')::integer / 10000 AS version");
    const version = rows[0]?.version ?? 0;
    if (version < MIN_VERSION) {
      throw new StartRefused("DATABASE_TOO_OLD", `The database is PostgreSQL ${version}; PeerBrain needs ${MIN_VERSION} or newer.`);
    }
    return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    if (error instanceof StartRefused) throw error;
    const code = errorCode(error);
    throw new StartRefused(
      "DATABASE_UNREACHABLE",
      `The database ${client.database ?? ""} at ${client.host}:${client.port} cannot be reached: ${REASONS[code] ?? "no connection"} (${code}). Start it, or correct DATABASE_URL.`,
      { cause: error },
    );
  }
}

function createClient(connection: pg.ClientConfig): pg.Client {
  try {
    return new pg.Client({ connectionTimeoutMillis: TIMEOUT_MS, ...connection, application_name: "peerbrain start" });
  } catch (error) {
    throw new StartRefused("DATABASE_UNREACHABLE", "DATABASE_URL is not an address of the form postgresql://user:password@host:port/database.", { cause: error });
  }
}
