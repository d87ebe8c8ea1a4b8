import { archive } from "./operations/archive.ts";
import { chain } from "./operations/chain.ts";
import { conventions } from "./operations/conventions.ts";
import { friendship } from "./operations/friendship.ts";
import { gossip } from "./operations/gossip.ts";
import { identity } from "./operations/identity.ts";
import { keyLog } from "./operations/key-log.ts";
import { vault } from "./operations/vault.ts";

/** What vectors can ask for, by name; README.md describes each. */
export const operations = { ...conventions, ...identity, ...chain, ...friendship, ...gossip, ...vault, ...keyLog, ...archive };

export type Operation = keyof typeof operations;
export type InputOf<O extends Operation> = Parameters<(typeof operations)[O]>[0];
