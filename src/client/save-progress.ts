import type { ClientContext } from "./context.ts";
import { savePositions } from "./save-positions.ts";

/** Pins in the vault what this device has seen of friends' chains and of the key log, for the own other devices. */
export async function saveProgress(context: ClientContext): Promise<void> {
  const { vault, keyLog, own } = context;
  await savePositions(context);
  await vault.update(({ settings }) => keyLog.pinTo(settings, own.userId));
}
