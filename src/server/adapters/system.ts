import { randomBytes } from "node:crypto";
import type { Clock, Random } from "../../domain/ports/index.ts";

export const systemClock: Clock = { nowMs: () => Date.now() };
export const systemRandom: Random = { bytes: (count) => new Uint8Array(randomBytes(count)) };
