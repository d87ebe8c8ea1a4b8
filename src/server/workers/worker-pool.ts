import cluster, { type Worker } from "node:cluster";
import { setTimeout as sleep } from "node:timers/promises";
import type { Log } from "../../domain/log.ts";
import type { Clock } from "../../domain/ports/index.ts";
import { StartRefused } from "../../domain/start-refused.ts";
import { isFromWorker, type RelayPlace, type ToWorker, type WorkerTask } from "./messages.ts";

export interface WorkerPoolOptions {
  count: number;
  task: WorkerTask;
  /** Until a worker that was told to end is ended. */
  endingMs: number;
  clock: Clock;
  log: Log;
}

/** The workers of a relay: so many of them, whatever becomes of each. */
export interface WorkerPool {
  /** Resolves when all are ready. Throws StartRefused with what one of them could not do. */
  start(): Promise<RelayPlace>;
  /** Puts a new worker in the place of each, one after the other: a new one is ready before an old one leaves. */
  replaceAll(): Promise<void>;
  stop(): Promise<void>;
}

interface Member {
  worker: Worker;
  startedMs: number;
  isReady: boolean;
  /** It was told to end, or it ended. */
  isLeaving: boolean;
  ready: Promise<RelayPlace>;
  exited: Promise<unknown>;
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 10_000;
/** A worker that lived so long did not end because of how it started. */
const SOUND_MS = 60_000;

export function createWorkerPool({ count, task, endingMs, clock, log }: WorkerPoolOptions): WorkerPool {
  const members = new Set<Member>();
  const stopping = new AbortController();
  let failures = 0;
  let filling: Promise<void> | undefined;
  let replacing: Promise<void> | undefined;

  const present = (): Member[] => [...members].filter(({ isLeaving }) => !isLeaving);

  /** A new worker that is ready. */
  async function bringUp(): Promise<RelayPlace> {
    const member = fork(task, clock.nowMs());
    members.add(member);
    void member.exited.then(() => members.delete(member));
    try {
      const place = await member.ready;
      member.isReady = true;
      log.info("worker ready", { pid: member.worker.process.pid ?? 0 });
      void member.exited.then(() => noteEnd(member));
      return place;
    } catch (error) {
      member.isLeaving = true;
      throw error;
    }
  }

  function noteEnd(member: Member): void {
    if (member.isLeaving || stopping.signal.aborted) return;
    const { pid, exitCode, signalCode } = member.worker.process;
    log.error("a worker ended", { pid: pid ?? 0, code: exitCode ?? 0, ...(signalCode && { signal: signalCode }) });
    if (clock.nowMs() - member.startedMs > SOUND_MS) failures = 0;
    failures += 1;
    fill();
  }

  function fill(): void {
    filling ??= fillUp().finally(() => (filling = undefined));
  }

  async function fillUp(): Promise<void> {
    while (present().length < count && !stopping.signal.aborted) {
      await pause(failures, stopping.signal);
      if (stopping.signal.aborted) return;
      try {
        await bringUp();
      } catch (error) {
        failures += 1;
        if (!stopping.signal.aborted) log.error("a worker does not start", { attempt: failures, error });
      }
    }
  }

  async function replaceEach(): Promise<void> {
    log.info("replacing the workers");
    for (const old of present()) {
      if (stopping.signal.aborted) return;
      try {
        await bringUp();
      } catch (error) {
        if (!stopping.signal.aborted) log.error("a new worker does not start: the others stay", { error });
        return;
      }
      await end(old, { kind: "retire" });
      fill();
    }
    log.info("workers replaced");
  }

  async function end(member: Member, order: ToWorker): Promise<void> {
    const isOver = member.exited.then(() => true);
    member.isLeaving = true;
    // Nobody is connected to a worker that is still starting, and it does not listen yet.
    if (member.isReady) send(member.worker, order);
    else member.worker.process.kill("SIGKILL");
    const late = new AbortController();
    const inTime = await Promise.race([isOver, sleep(endingMs, false, { signal: late.signal }).catch(() => false)]);
    late.abort();
    if (inTime) return;
    log.error("a worker did not end in time", { pid: member.worker.process.pid ?? 0 });
    member.worker.process.kill("SIGKILL");
    await member.exited;
  }

  return {
    async start() {
      const places = await Promise.all(Array.from({ length: count }, bringUp));
      return places[0] as RelayPlace;
    },
    async replaceAll() {
      // Whoever asks again in the meantime may mean programs that changed in the meantime.
      while (replacing) await replacing;
      replacing = replaceEach().finally(() => (replacing = undefined));
      await replacing;
    },
    async stop() {
      stopping.abort();
      await Promise.all([...members].map((member) => end(member, { kind: "stop" })));
    },
  };
}

function fork(task: WorkerTask, startedMs: number): Member {
  const worker = cluster.fork();
  // What it said last may be read after its end is known, and before the channel's end is.
  const exited = Promise.all([happens(worker, "exit"), happens(worker, "disconnect")]);
  // Whoever is gone cannot be written to; the exit tells.
  worker.on("error", () => undefined);
  const ready = new Promise<RelayPlace>((resolve, reject) => {
    worker.on("message", (message: unknown) => {
      if (!isFromWorker(message)) return;
      if (message.kind === "asksForTask") send(worker, { kind: "task", task });
      else if (message.kind === "ready") resolve(message.place);
      else reject(new StartRefused(message.code, message.text));
    });
    void exited.then(() => reject(new Error("a worker ended before it was ready")));
  });
  return { worker, startedMs, isReady: false, isLeaving: false, ready, exited };
}

function happens(worker: Worker, event: "exit" | "disconnect"): Promise<void> {
  return new Promise((resolve) => void worker.once(event, () => resolve()));
}

function send(worker: Worker, message: ToWorker): void {
  if (worker.isConnected()) worker.send(message, undefined, () => undefined);
}

async function pause(failures: number, signal: AbortSignal): Promise<void> {
  const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** Math.max(failures - 1, 0), LONGEST_PAUSE_MS);
  await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
}
