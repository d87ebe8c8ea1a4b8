import { readStatistics } from "../../storage/operator-queries.ts";
import type { Environment } from "../config/env.ts";
import { print, table } from "./print.ts";
import { withRelayData } from "./relay-data.ts";

export async function printStatistics(said: Environment["variables"], isJson: boolean): Promise<void> {
  const statistics = await withRelayData(said, ({ database }) => readStatistics(database));
  print(statistics, isJson, (found) =>
    table(["what", ""], Object.entries(found).map(([name, value]) => [name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`), `${value}`])),
  );
}
