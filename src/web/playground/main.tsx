import "./trusted-types.ts";
import "graphiql/setup-workers/vite";
import "graphiql/style.css";
import "./style.css";
import "./decrypted-pane.css";
import { createRoot } from "react-dom/client";
import { createFetcher, post } from "./create-fetcher.ts";
import { Playground } from "./playground.tsx";
import { ReadingsContext } from "./readings-context.ts";
import { createReadings } from "./readings.ts";
import { SignInContext } from "./sign-in-context.ts";
import { createSignIn } from "./sign-in.ts";
import { findRow } from "./stored-row.ts";

const url = new URL("/graphql", location.origin).href;
const signIn = createSignIn();
const readings = createReadings(signIn.read);
const fetcher = createFetcher({ url, socketUrl: url.replace(/^http/, "ws") }, signIn.accessToken, readings.begin);
const readingsPlace = {
  readings,
  findRow: (author: string, seq: number) => findRow(async (operation) => post(url, await signIn.accessToken(), {}, operation), author, seq),
};

// What one person has opened is not there for the next one.
let reader: string | undefined;
signIn.subscribe(() => {
  const { username } = signIn.state();
  if (username !== reader) readings.forget();
  reader = username;
});

// The answer and what is opened of it stand side by side, and need more room than the question.
const EDITOR_WIDTH = "graphiql:editorFlex";
if (localStorage.getItem(EDITOR_WIDTH) === null) localStorage.setItem(EDITOR_WIDTH, "0.55");

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <SignInContext value={signIn}>
      <ReadingsContext value={readingsPlace}>
        <Playground fetcher={fetcher} />
      </ReadingsContext>
    </SignInContext>,
  );
}
