import type { Command } from "../command.ts";
import { completion } from "./completion.ts";

/** Every command for people, in the order of the help. */
export const commands: readonly Command[] = [completion];
