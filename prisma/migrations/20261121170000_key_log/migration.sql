CREATE TABLE "KeyLog" (
    "id" SMALLINT NOT NULL,
    "size" BIGINT NOT NULL,
    "frontier" BYTEA NOT NULL,

    CONSTRAINT "KeyLog_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "KeyLogLeaf" (
    "index" BIGINT NOT NULL,
    "nameHash" BYTEA NOT NULL,
    "userId" BYTEA NOT NULL,
    "cardHash" BYTEA NOT NULL,
    "hash" BYTEA NOT NULL,

    CONSTRAINT "KeyLogLeaf_pkey" PRIMARY KEY ("index")
);

CREATE TABLE "KeyLogNode" (
    "level" SMALLINT NOT NULL,
    "index" BIGINT NOT NULL,
    "hash" BYTEA NOT NULL,

    CONSTRAINT "KeyLogNode_pkey" PRIMARY KEY ("level","index")
);

CREATE UNIQUE INDEX "KeyLogLeaf_cardHash_key" ON "KeyLogLeaf"("cardHash");
CREATE UNIQUE INDEX "KeyLogLeaf_hash_key" ON "KeyLogLeaf"("hash");
CREATE INDEX "KeyLogLeaf_nameHash_index_idx" ON "KeyLogLeaf"("nameHash", "index");

-- The one row that appending locks. Cards from before get their leaves when the relay starts: SQL knows no BLAKE2b.
INSERT INTO "KeyLog" ("id", "size", "frontier") VALUES (1, 0, '');
