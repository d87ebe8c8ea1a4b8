import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { entryHashOf, ready } from "../../src/crypto/public.ts";
import { signedHeaderOf } from "../../src/domain/chain/chain-record.ts";
import { encodeBase64url, parseBase64url, parseEntry } from "../../src/protocol/index.ts";
import { openAppendStore } from "./append-store.ts";

// What Node and PostgreSQL need when nothing is checked: no token, no signature, no rules, no GraphQL and no receipt.

const RECEIPT = new Uint8Array(141);

await ready();
const { chains } = openAppendStore();

const server = createServer((request, response) => {
  readJson(request)
    .then(({ variables }) => append(parseBase64url(variables.input.entry)))
    .then((answer) => response.setHeader("Content-Type", "application/json").end(JSON.stringify(answer)))
    .catch((error: unknown) => response.writeHead(500).end(String(error)));
});
server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`));

async function append(bytes: Uint8Array): Promise<unknown> {
  const entry = parseEntry(bytes);
  const { author, seq, type, epoch, entryId, payload, header } = entry;
  const basis = await chains.findAppendBasis(author, entryId);
  if (!basis) throw new Error("no chain");
  const record = { author, seq, type, epoch, entryId, hash: entryHashOf(header), signedHeader: signedHeaderOf(entry), payload, receivedAtMs: Date.now(), receipt: RECEIPT };
  if (!(await chains.appendOne(basis.chain, record))) throw new Error("not appended");
  return { data: { createThought: { __typename: "ThoughtCreated", receipt: { bytes: encodeBase64url(RECEIPT) } } } };
}

async function readJson(request: IncomingMessage): Promise<{ variables: { input: { entry: string } } }> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString("utf8")) as never;
}
