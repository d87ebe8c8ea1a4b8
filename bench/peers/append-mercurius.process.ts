import { fastify, type FastifyRequest } from "fastify";
import { mercurius } from "mercurius";
import { ready } from "../../src/crypto/public.ts";
import { tryAppendThought } from "../../src/domain/chain/append-thought.ts";
import { encodeBase64url, equalBytes, parseBase64url, parseEntry } from "../../src/protocol/index.ts";
import { createReceiptSigner } from "../../src/server/keys/receipt-signer.ts";
import { createRelayTokens, readRelayKeys } from "../store/seed.ts";
import { openAppendStore } from "./append-store.ts";

// The same SQL and the same checks behind mercurius, as one writes a server with it: a token is verified and its session
// looked up for each request. No limits on operations or rates, no log, no events.

const SCHEMA = `
  scalar Bytes
  type Query { relay: String }
  type Mutation { createThought(input: CreateThoughtInput!): CreateThoughtResult! }
  input CreateThoughtInput { entry: Bytes! }
  type Receipt { bytes: Bytes! receivedAt: Float! }
  type ThoughtCreated { receipt: Receipt! }
  interface Refusal { code: String! message: String! }
  type Refused implements Refusal { code: String! message: String! }
  union CreateThoughtResult = ThoughtCreated | Refused
`;

interface Context {
  request: FastifyRequest;
}

await ready();
const keys = await readRelayKeys(String(process.env["PEERBRAIN_DATA"]));
const tokens = createRelayTokens(keys);
const tools = { receiptSigner: createReceiptSigner(keys.receiptSeed), clock: { nowMs: () => Date.now() }, restorations: 0 };
const { run, chains } = openAppendStore();

const app = fastify({ bodyLimit: 4 * 1024 * 1024 });
await app.register(mercurius, {
  schema: SCHEMA,
  context: (request: FastifyRequest): Context => ({ request }),
  resolvers: {
    Mutation: {
      async createThought(_root: unknown, { input }: { input: { entry: string } }, { request }: Context) {
        const viewer = await authenticate(request.headers.authorization ?? "");
        const entry = parseEntry(parseBase64url(input.entry));
        if (!viewer || !equalBytes(viewer.userId, entry.author)) return { __typename: "Refused", code: "UNAUTHENTICATED", message: "Sign in first." };
        const thought = await tryAppendThought({ chains }, tools, entry);
        if (!thought) return { __typename: "Refused", code: "HEAD_STALE", message: "Synchronise." };
        const { receipt, receivedAtMs } = thought.record;
        return { __typename: "ThoughtCreated", receipt: { bytes: encodeBase64url(receipt), receivedAt: receivedAtMs } };
      },
    },
  },
} as never);
console.log(`${await app.listen({ port: 0, host: "127.0.0.1" })}/graphql`);

async function authenticate(header: string) {
  const claim = await tokens.verifyAccessToken(header.replace(/^Bearer /, ""), Date.now());
  if (!claim) return undefined;
  const [session] = await run<{ userId: Uint8Array }>({ name: "session", text: `SELECT "userId" FROM "Session" WHERE "id" = $1`, values: [claim.sessionId] });
  return session && equalBytes(session.userId, claim.userId) ? claim : undefined;
}
