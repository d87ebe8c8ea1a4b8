import type { LoadHandlers } from "../load/load.process.ts";
import { type Child, startChild } from "./child.ts";

/** Thousands of subscribers in a process of their own. */
export type Load = Child<LoadHandlers>;

export function startLoad(): Promise<Load> {
  return startChild<LoadHandlers>(new URL("../load/load.process.ts", import.meta.url));
}
