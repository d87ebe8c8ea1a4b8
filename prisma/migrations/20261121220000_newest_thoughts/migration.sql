-- AlterTable
ALTER TABLE "Chain" ADD COLUMN "newestThoughtMs" BIGINT;

-- One probe of the index of thoughts for each chain.
UPDATE "Chain" c SET "newestThoughtMs" = (
    SELECT e."receivedAtMs" FROM "Entry" e WHERE e."author" = c."author" AND e."type" = 2
    ORDER BY e."receivedAtMs" DESC, e."seq" DESC LIMIT 1
);
