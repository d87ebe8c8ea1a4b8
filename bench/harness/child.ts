import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

/** What a process of the bench can be asked for, by name. */
export type Handlers = Record<string, (argument: never) => unknown>;

interface Question {
  id: number;
  name: string;
  argument: unknown;
}
type Answer = { id: number; value: unknown } | { id: number; error: string };

/** Another process, and what it answers. */
export interface Child<H extends Handlers> {
  pid: number;
  ask<Name extends keyof H & string>(name: Name, argument: Parameters<H[Name]>[0]): Promise<Awaited<ReturnType<H[Name]>>>;
  stop(): Promise<void>;
}

/** Starts a file, TypeScript or compiled, as a process of its own and resolves once it takes questions. */
export async function startChild<H extends Handlers>(file: URL): Promise<Child<H>> {
  const child = spawn(process.execPath, [...(file.pathname.endsWith(".ts") ? ["--import", "tsx"] : []), file.pathname], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const waiting = new Map<number, { resolve(value: never): void; reject(error: Error): void }>();
  let questions = 0;
  child.on("message", (answer: Answer) => {
    const asker = waiting.get(answer.id);
    waiting.delete(answer.id);
    if ("error" in answer) asker?.reject(new Error(answer.error));
    else asker?.resolve(answer.value as never);
  });
  child.once("exit", (code) => {
    for (const { reject } of waiting.values()) reject(new Error(`${file.pathname} ended with ${code}`));
  });

  const ask = (name: string, argument: unknown): Promise<never> =>
    new Promise((resolve, reject) => {
      const id = questions++;
      waiting.set(id, { resolve, reject });
      child.send({ id, name, argument } satisfies Question, (error) => error && reject(error));
    });
  await ask("", undefined);
  return { pid: child.pid as number, ask, stop: () => end(child) };
}

/** In the other process: answers until the one who asks is gone. */
export function answerWith(handlers: Handlers): void {
  process.on("message", (question: Question) => void answer(question));
  process.once("disconnect", () => process.exit());

  async function answer({ id, name, argument }: Question): Promise<void> {
    try {
      const value = name === "" ? undefined : await handlers[name]?.(argument as never);
      process.send?.({ id, value } satisfies Answer);
    } catch (error) {
      process.send?.({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) } satisfies Answer);
    }
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
}
