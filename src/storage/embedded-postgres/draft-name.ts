import { errorCode } from "../error-code.ts";

/** The name of files that this process is still making, beside the name that they get once they are whole. */
export function draftName(name: string): string {
  return `${name}.draft-${process.pid}`;
}

/** Whether files are left of a start that was killed. Those of a start that is still under way are not. */
export function isAbandonedDraft(fileName: string, name: string): boolean {
  if (!fileName.startsWith(`${name}.draft-`)) return false;
  const pid = Number(/\.draft-(\d+)/.exec(fileName)?.[1]);
  return pid === process.pid || !isAlive(pid);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return errorCode(error) === "EPERM";
  }
}
