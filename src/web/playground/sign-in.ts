import type { ShownEntry } from "./find-entries.ts";
import type { Credentials, Input, Output, Reading, WorkerAnswer, WorkerCalls } from "./worker-calls.ts";
import workerUrl from "./sign-in.worker.ts?worker&url";

export interface SignInState {
  /** Undefined when nobody is signed in. */
  username: string | undefined;
  /** Of somebody who registered here and has not written it down yet: it exists nowhere else. */
  recoveryCode: string | undefined;
  /** What happened to the session without anybody here asking for it. */
  notice: string | undefined;
  /** What the SDK warned of last: a relay or an author that is not honest. */
  warning: string | undefined;
}

/** Who is signed in on this page. Everything fails with an Error whose text is for people. */
export interface SignIn {
  state(): SignInState;
  subscribe(listener: () => void): () => void;
  login(credentials: Credentials): Promise<void>;
  register(credentials: Credentials): Promise<void>;
  forgetRecoveryCode(): void;
  logout(): Promise<void>;
  /** A valid access token, or undefined when nobody is signed in. */
  accessToken(): Promise<string | undefined>;
  /** Opens what an answer shows of entries; nothing when nobody is signed in. */
  read(shown: ShownEntry[]): Promise<Reading[]>;
}

const SIGNED_OUT: SignInState = { username: undefined, recoveryCode: undefined, notice: undefined, warning: undefined };

export function createSignIn(): SignIn {
  const listeners = new Set<() => void>();
  let state = SIGNED_OUT;
  const become = (next: Partial<SignInState>): void => {
    state = { ...SIGNED_OUT, ...next };
    for (const listener of listeners) listener();
  };
  // What a session is warned of may arrive before the session itself.
  const enter = (session: Partial<SignInState>): void => become({ ...session, warning: state.warning });
  const ask = connectWorker({
    onSignedOut: (notice) => become({ notice }),
    onWarning: (warning) => become({ ...state, warning }),
  });

  return {
    state: () => state,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async login(credentials) {
      enter(await ask("login", credentials));
    },
    async register(credentials) {
      enter(await ask("register", credentials));
    },
    forgetRecoveryCode() {
      become({ ...state, recoveryCode: undefined });
    },
    async logout() {
      become({});
      await ask("logout").catch(() => become({ notice: "You are signed out here. The relay did not answer, so the session stays open there until you end it or it runs out." }));
    },
    async accessToken() {
      return state.username === undefined ? undefined : ask("accessToken");
    },
    async read(shown) {
      return state.username === undefined ? [] : ask("read", shown);
    },
  };
}

type Ask = <Call extends keyof WorkerCalls>(call: Call, ...input: Input<Call>) => Promise<Output<Call>>;

interface Pending {
  resolve(output: unknown): void;
  reject(error: Error): void;
}

function connectWorker({ onSignedOut, onWarning }: { onSignedOut(text: string): void; onWarning(text: string): void }): Ask {
  const worker = new Worker(workerUrl, { type: "module" });
  const pending = new Map<number, Pending>();
  let lastId = 0;

  worker.addEventListener("message", ({ data }: MessageEvent<WorkerAnswer>) => {
    if (data.kind === "signedOut") return onSignedOut(data.text);
    if (data.kind === "warning") return onWarning(data.text);
    const waiting = pending.get(data.id);
    pending.delete(data.id);
    if (data.kind === "done") waiting?.resolve(data.output);
    else waiting?.reject(new Error(data.text));
  });
  // A worker that cannot run answers nothing.
  worker.addEventListener("error", () => {
    for (const { reject } of pending.values()) reject(new Error("Signing in does not work in this browser: its worker stopped."));
    pending.clear();
  });

  return (call, ...input) =>
    new Promise((resolve, reject) => {
      lastId += 1;
      pending.set(lastId, { resolve, reject });
      worker.postMessage({ id: lastId, call, input });
    });
}
