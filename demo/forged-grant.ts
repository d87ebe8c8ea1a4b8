import type pg from "pg";
import { cardHashOf, createGrant, deriveIdentity, generateEpochKey, generateIdentitySeeds } from "../src/crypto/index.ts";
import { GrantKind, parseCard } from "../src/protocol/index.ts";

/**
 * What a dishonest operator could do: put a grant of its own making in the place of the author's, sealed to the right
 * person, for the right epoch, around a key that the operator knows. Only the signature is not the author's.
 */
export async function forgeGrant(database: pg.Client, author: Uint8Array, recipient: Uint8Array): Promise<void> {
  const [authorCard, recipientCard] = [await findCard(database, author), await findCard(database, recipient)];
  const { rows } = await database.query<{ epoch: number; commitment: Buffer }>('SELECT epoch, "epochCommitment" AS commitment FROM "Chain" WHERE author = $1', [Buffer.from(author)]);
  const chain = rows[0];
  if (chain === undefined) throw new Error("The author has no chain.");
  const operator = deriveIdentity(generateIdentitySeeds());
  const forged = createGrant({
    kind: GrantKind.HISTORY,
    key: generateEpochKey(),
    author,
    authorCardHash: cardHashOf(authorCard),
    signSecretKey: operator.sign.secretKey,
    recipientUserId: recipient,
    recipientCard,
    n: chain.epoch,
    commitment: new Uint8Array(chain.commitment),
  });
  await database.query('UPDATE "Grant" SET bytes = $1 WHERE author = $2 AND recipient = $3', [Buffer.from(forged), Buffer.from(author), Buffer.from(recipient)]);
}

async function findCard(database: pg.Client, userId: Uint8Array) {
  const { rows } = await database.query<{ bytes: Buffer }>('SELECT bytes FROM "Card" WHERE "userId" = $1 ORDER BY version DESC LIMIT 1', [Buffer.from(userId)]);
  if (rows[0] === undefined) throw new Error("There is no card.");
  return parseCard(new Uint8Array(rows[0].bytes));
}
