import type { Command } from "../command.ts";
import { completion } from "./completion.ts";
import { serve } from "./serve.ts";

/** Every command, in the order of the help. */
export const commands: readonly Command[] = [serve, completion];
