import { describe } from "vitest";
import { createInProcessBus } from "../../src/realtime/buses/in-process-bus.ts";
import { holdsAsABus } from "./bus-conformance.ts";

describe("the bus of one process", () =>
  holdsAsABus(async () => ({ open: async (log) => createInProcessBus(log), network: undefined, close: async () => undefined }), { reachesOthers: false }));
