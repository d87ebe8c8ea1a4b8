import "./trusted-types.ts";
import "graphiql/setup-workers/vite";
import "graphiql/style.css";
import "./style.css";
import { createRoot } from "react-dom/client";
import { createFetcher } from "./create-fetcher.ts";
import { Playground } from "./playground.tsx";
import { createSignIn } from "./sign-in.ts";

const url = new URL("/graphql", location.origin).href;
const signIn = createSignIn();
const fetcher = createFetcher({ url, socketUrl: url.replace(/^http/, "ws") }, signIn.accessToken);

const root = document.getElementById("root");
if (root) createRoot(root).render(<Playground signIn={signIn} fetcher={fetcher} />);
