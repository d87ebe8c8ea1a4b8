import type { RelayPlace } from "./workers/messages.ts";

/** Tells people where everything is. */
export function greet(place: RelayPlace, dataFolder: string, isNew: boolean): void {
  const lines = [
    `PeerBrain ${place.version} is ready.`,
    `  API            ${place.url}`,
    `  subscriptions  ${place.socketUrl}`,
    `  playground     ${place.playgroundUrl ?? "off"}`,
    `  data folder    ${dataFolder} (${isNew ? "created" : "reused"})`,
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}
