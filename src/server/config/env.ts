import { fileURLToPath } from "node:url";

/** What the relay is told from outside: read once, handed on as a value. */
export interface Environment {
  variables: Readonly<Record<string, string | undefined>>;
  isRoot: boolean;
  /** Where this program lies. */
  checkoutFolder: string;
  workingFolder: string;
}

/** The environment of this process, with what the command line says in place of it. The only place that reads it. */
export function readEnvironment(said: Environment["variables"] = {}): Environment {
  return {
    variables: { ...process.env, ...said },
    isRoot: process.getuid?.() === 0,
    checkoutFolder: fileURLToPath(new URL("../../..", import.meta.url)),
    workingFolder: process.cwd(),
  };
}
