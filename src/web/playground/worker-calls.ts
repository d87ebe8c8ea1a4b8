export interface Credentials {
  username: string;
  password: string;
}

/** What the page may ask of the worker that holds the keys. Passwords go in; of what they open only access tokens come out. */
export interface WorkerCalls {
  login(credentials: Credentials): { username: string };
  register(credentials: Credentials): { username: string; recoveryCode: string };
  accessToken(): string;
  logout(): void;
}

type Name = keyof WorkerCalls;

export type Input<Call extends Name> = Parameters<WorkerCalls[Call]>;
export type Output<Call extends Name> = ReturnType<WorkerCalls[Call]>;

/** From the page to the worker. */
export type WorkerQuestion = { [Call in Name]: { id: number; call: Call; input: Input<Call> } }[Name];

/** From the worker to the page: an answer, or the news that the session is over. */
export type WorkerAnswer =
  | { kind: "done"; id: number; output: Output<Name> }
  | { kind: "failed"; id: number; text: string }
  | { kind: "signedOut"; text: string };
