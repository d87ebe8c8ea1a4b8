import type { ClientContext } from "./context.ts";
import { planRotation } from "./plan-rotation.ts";
import type { Reconciler } from "./reconciler.ts";

/** Plans the epoch that the relay wants before the next thought, because a friend left and the event is still on its way. */
export async function beginDueEpoch({ log, vault }: ClientContext, reconciler: Reconciler): Promise<void> {
  const { epoch } = log.state;
  await log.catchUp();
  await reconciler.reconcileAll();
  if (log.state.epoch !== epoch) return;
  await vault.update((content) => {
    if (content.pending.rotation !== undefined) return false;
    planRotation(content, epoch, []);
    return true;
  });
}
