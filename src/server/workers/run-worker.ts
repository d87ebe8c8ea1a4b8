import { StartRefused } from "../../domain/start-refused.ts";
import { composeRelay } from "../compose.ts";
import type { ServeOptions } from "../open-relay-database.ts";
import { endInTime } from "../stop-on-signal.ts";
import { type FromWorker, isToWorker, type WorkerTask } from "./messages.ts";

type Order = "stop" | "retire";

/** One of several processes that share the port: does what the first of them tells it, and ends with it. */
export async function runWorker({ environment: { checkoutFolder }, config, secrets, log }: ServeOptions): Promise<void> {
  // A terminal or a service manager may signal every process; the first one decides.
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, () => undefined);
  process.once("disconnect", () => {
    log.error("the first process is gone, and this worker ends with it");
    process.exit(1);
  });
  const { task, order } = listenToPrimary();
  const { connection, restorations } = await task;
  try {
    const relay = await composeRelay({
      config,
      database: { connection, close: async () => undefined },
      isRestored: false,
      shared: { restorations },
      natsUrl: secrets.natsUrl,
      checkoutFolder,
      log,
    });
    const { version, url, socketUrl, playgroundUrl } = relay;
    await tell({ kind: "ready", place: { version, url, socketUrl, playgroundUrl } });
    const end = await order;
    await endInTime(() => (end === "stop" ? relay.stop() : relay.retire()), config.limits.shutdownSeconds, log);
  } catch (error) {
    if (error instanceof StartRefused) await tell({ kind: "refused", code: error.code, text: error.message });
    else throw error;
  }
}

function listenToPrimary(): { task: Promise<WorkerTask>; order: Promise<Order> } {
  let takeTask = (_task: WorkerTask): void => undefined;
  let takeOrder = (_order: Order): void => undefined;
  const task = new Promise<WorkerTask>((resolve) => (takeTask = resolve));
  const order = new Promise<Order>((resolve) => (takeOrder = resolve));
  process.on("message", (message: unknown) => {
    if (!isToWorker(message)) return;
    if (message.kind === "task") takeTask(message.task);
    else takeOrder(message.kind);
  });
  void tell({ kind: "asksForTask" });
  return { task, order };
}

/** Resolves when it is on its way. */
function tell(message: FromWorker): Promise<void> {
  return new Promise((resolve) => process.send?.(message, undefined, undefined, () => resolve()));
}
