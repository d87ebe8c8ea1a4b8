import type { Log } from "../../domain/log.ts";
import type { Clock } from "../../domain/ports/index.ts";
import type { Config } from "../config/config.ts";
import type { Secrets } from "../config/secrets.ts";

/** What the checks look at. */
export interface Examination {
  config: Config;
  secrets: Secrets;
  /** Where prisma/migrations lies. */
  checkoutFolder: string;
  /** Of this machine. */
  clock: Clock;
  /** Web servers whose clocks this machine's is compared with. */
  clockUrls: readonly string[];
  /** What has to be free on the disk of the data folder. */
  minFreeBytes: number;
  log: Log;
}
