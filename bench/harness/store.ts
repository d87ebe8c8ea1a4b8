import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ready } from "../../src/crypto/index.ts";
import type { Clock, ReceiptSigner, TokenIssuer, UnitOfWork } from "../../src/domain/ports/index.ts";
import { createReceiptSigner } from "../../src/server/keys/receipt-signer.ts";
import { parseRelayKeys } from "../../src/server/keys/relay-keys.ts";
import { createTokenIssuer } from "../../src/server/keys/token-issuer.ts";
import { createPrismaClient } from "../../src/storage/prisma-client.ts";
import { createUnitOfWork } from "../../src/storage/unit-of-work.ts";
import { ACCESS_TOKEN_SECONDS } from "./relay.ts";

/** As the relay names itself in its tokens. */
const TOKEN_PARTY = "peerbrain-relay";
/** Of the 100 that PostgreSQL has, beside the relay's own. */
const CONNECTIONS = 8;

export const clock: Clock = { nowMs: () => Date.now() };

/** The database and the keys of a relay that runs, for whoever seeds it and mints tokens. */
export interface Store {
  unitOfWork: UnitOfWork;
  tokens: TokenIssuer;
  receiptSigner: ReceiptSigner;
  close(): Promise<void>;
}

export async function openStore({ dataFolder }: { dataFolder: string }): Promise<Store> {
  await ready();
  const keys = parseRelayKeys(await readFile(join(dataFolder, "relay.keys"), "utf8"));
  const host = (await readFile(join(dataFolder, "postgres.socket"), "utf8")).trim();
  const prisma = createPrismaClient({ host, port: 5432, user: "peerbrain", database: "peerbrain", max: CONNECTIONS });
  return {
    unitOfWork: createUnitOfWork(prisma),
    tokens: createTokenIssuer({ keys: keys.tokenKeys, refreshSecret: keys.refreshSecret, issuer: TOKEN_PARTY, audience: TOKEN_PARTY, accessTokenSeconds: ACCESS_TOKEN_SECONDS }),
    receiptSigner: createReceiptSigner(keys.receiptSeed),
    close: () => prisma.$disconnect(),
  };
}
