import { randomBytes } from "node:crypto";
import { opaqueReady, ready } from "../../src/crypto/index.ts";
import { createOpaqueSetup } from "../../src/crypto/relay/index.ts";
import type { Bus, RelayEvent, UnitOfWork } from "../../src/domain/ports.ts";
import { createLoginService } from "../../src/domain/sessions/login-service.ts";
import { createSessionService } from "../../src/domain/sessions/session-service.ts";
import { createPasswordService } from "../../src/domain/users/password-service.ts";
import { createRegistrationService } from "../../src/domain/users/registration-service.ts";
import { createUserService } from "../../src/domain/users/user-service.ts";
import { createVaultService } from "../../src/domain/vault/vault-service.ts";
import { createKeyedHash } from "../../src/server/keys/keyed-hash.ts";
import { createPasswordVerifier } from "../../src/server/keys/password-verifier.ts";
import { createReceiptSigner } from "../../src/server/keys/receipt-signer.ts";
import { createTokenIssuer } from "../../src/server/keys/token-issuer.ts";
import { createPrismaClient } from "../../src/storage/prisma-client.ts";
import { createUnitOfWork } from "../../src/storage/unit-of-work.ts";
import { createTestDatabase } from "./database.ts";

/** The services of a relay on a database of their own, without a server in front. */
export interface TestRelay {
  services: ReturnType<typeof createServices>;
  unitOfWork: UnitOfWork;
  /** The relay's clock; a test may move it. */
  clock: { ms: number; nowMs(): number };
  /** All that was published. */
  events: RelayEvent[];
  /** Every row of every table, as text: equal before and after what changes nothing. */
  dump(): Promise<string>;
  close(): Promise<void>;
}

export async function createTestRelay(): Promise<TestRelay> {
  await Promise.all([ready(), opaqueReady()]);
  const database = await createTestDatabase();
  const prisma = createPrismaClient({ ...database.connection, max: 8 });
  const unitOfWork = createUnitOfWork(prisma);
  const clock = { ms: 1_800_000_000_000, nowMs: () => clock.ms };
  const events: RelayEvent[] = [];
  const bus: Bus = { publish: (event) => void events.push(event), subscribe: () => () => undefined };
  return {
    services: createServices(unitOfWork, bus, clock),
    unitOfWork,
    clock,
    events,
    async dump() {
      const tables = await prisma.$queryRaw<{ name: string }[]>`SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1`;
      const rows = await Promise.all(
        tables.map(({ name }) => prisma.$queryRawUnsafe(`SELECT '${name}' AS name, all_rows::text FROM "${name}" AS all_rows ORDER BY 2`)),
      );
      return JSON.stringify(rows);
    },
    async close() {
      await prisma.$disconnect();
      await database.drop();
    },
  };
}

function createServices(unitOfWork: UnitOfWork, bus: Bus, clock: { nowMs(): number }) {
  const tools = {
    unitOfWork,
    bus,
    clock,
    random: { bytes: (count: number) => new Uint8Array(randomBytes(count)) },
    passwords: createPasswordVerifier(createOpaqueSetup()),
    keyedHash: createKeyedHash(randomBytes(32)),
    receiptSigner: createReceiptSigner(randomBytes(32)),
    tokens: createTokenIssuer({
      keys: [{ kid: "first", seed: randomBytes(32) }],
      refreshSecret: randomBytes(32),
      issuer: "relay",
      audience: "peerbrain",
      accessTokenSeconds: 600,
    }),
  };
  return {
    tools,
    login: createLoginService(tools),
    passwords: createPasswordService(tools),
    registration: createRegistrationService(tools),
    sessions: createSessionService(tools),
    users: createUserService(tools),
    vault: createVaultService(tools),
  };
}
