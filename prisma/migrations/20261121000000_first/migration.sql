CREATE TABLE "RelayMeta" (
    "key" TEXT NOT NULL,
    "value" TEXT NOT NULL,

    CONSTRAINT "RelayMeta_pkey" PRIMARY KEY ("key")
);

CREATE TABLE "User" (
    "id" BYTEA NOT NULL,
    "username" TEXT COLLATE "C" NOT NULL,
    "createdAtMs" BIGINT NOT NULL,
    "disabledAtMs" BIGINT,
    "emailHash" BYTEA,
    "cardVersion" INTEGER NOT NULL,
    "cardHash" BYTEA NOT NULL,
    "registrationRecord" TEXT NOT NULL,
    "passwordWrap" BYTEA NOT NULL,
    "wrapVersion" INTEGER NOT NULL,
    "recoveryWrap" BYTEA NOT NULL,
    "recoveryWrapVersion" INTEGER NOT NULL,
    "recoveryVerifier" BYTEA NOT NULL,
    "eventNumber" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "User_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "Card" (
    "userId" BYTEA NOT NULL,
    "version" INTEGER NOT NULL,
    "hash" BYTEA NOT NULL,
    "bytes" BYTEA NOT NULL,

    CONSTRAINT "Card_pkey" PRIMARY KEY ("userId","version")
);

CREATE TABLE "Session" (
    "id" BYTEA NOT NULL,
    "userId" BYTEA NOT NULL,
    "deviceName" TEXT NOT NULL,
    "createdAtMs" BIGINT NOT NULL,
    "refreshedAtMs" BIGINT NOT NULL,
    "refreshCounter" INTEGER NOT NULL,
    "refreshHash" BYTEA NOT NULL,
    "previousRefreshHash" BYTEA,

    CONSTRAINT "Session_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "LoginAttempt" (
    "id" BYTEA NOT NULL,
    "userId" BYTEA,
    "wrapVersion" INTEGER,
    "serverState" TEXT NOT NULL,
    "expiresAtMs" BIGINT NOT NULL,

    CONSTRAINT "LoginAttempt_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "Chain" (
    "author" BYTEA NOT NULL,
    "seq" BIGINT NOT NULL,
    "headHash" BYTEA NOT NULL,
    "headReceivedAtMs" BIGINT NOT NULL,
    "epoch" INTEGER NOT NULL,
    "epochCommitment" BYTEA NOT NULL,
    "thoughtCommitment" BYTEA NOT NULL,
    "signerCardHash" BYTEA NOT NULL,
    "cardEpochDue" BOOLEAN NOT NULL DEFAULT false,
    "rotationDue" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "Chain_pkey" PRIMARY KEY ("author")
);

CREATE TABLE "Entry" (
    "author" BYTEA NOT NULL,
    "seq" BIGINT NOT NULL,
    "type" SMALLINT NOT NULL,
    "epoch" INTEGER NOT NULL,
    "entryId" BYTEA NOT NULL,
    "hash" BYTEA NOT NULL,
    "signedHeader" BYTEA NOT NULL,
    "payload" BYTEA,
    "receivedAtMs" BIGINT NOT NULL,
    "receipt" BYTEA NOT NULL,

    CONSTRAINT "Entry_pkey" PRIMARY KEY ("author","seq")
);

CREATE TABLE "Friendship" (
    "id" BYTEA NOT NULL,
    "requester" BYTEA NOT NULL,
    "accepter" BYTEA NOT NULL,
    "state" TEXT NOT NULL,
    "pair" BYTEA NOT NULL,
    "createdAtMs" BIGINT NOT NULL,
    "expiresAtMs" BIGINT NOT NULL,
    "changedAtMs" BIGINT NOT NULL,
    "requestRecord" BYTEA NOT NULL,
    "acceptRecord" BYTEA,
    "confirmRecord" BYTEA,
    "endRecord" BYTEA,

    CONSTRAINT "Friendship_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "Edge" (
    "reader" BYTEA NOT NULL,
    "author" BYTEA NOT NULL,
    "friendshipId" BYTEA NOT NULL,
    "sinceSeq" BIGINT NOT NULL,
    "grantAskedMs" BIGINT,

    CONSTRAINT "Edge_pkey" PRIMARY KEY ("reader","author")
);

CREATE TABLE "FriendshipEvent" (
    "userId" BYTEA NOT NULL,
    "number" BIGINT NOT NULL,
    "kind" TEXT NOT NULL,
    "friendshipId" BYTEA NOT NULL,

    CONSTRAINT "FriendshipEvent_pkey" PRIMARY KEY ("userId","number")
);

CREATE TABLE "Grant" (
    "author" BYTEA NOT NULL,
    "recipient" BYTEA NOT NULL,
    "kind" SMALLINT NOT NULL,
    "epoch" INTEGER NOT NULL,
    "bytes" BYTEA NOT NULL,

    CONSTRAINT "Grant_pkey" PRIMARY KEY ("recipient","author","kind","epoch")
);

CREATE TABLE "Vault" (
    "userId" BYTEA NOT NULL,
    "version" INTEGER NOT NULL,
    "manifest" BYTEA NOT NULL,

    CONSTRAINT "Vault_pkey" PRIMARY KEY ("userId")
);

CREATE TABLE "VaultItem" (
    "userId" BYTEA NOT NULL,
    "item" SMALLINT NOT NULL,
    "itemVersion" INTEGER NOT NULL,
    "sealed" BYTEA NOT NULL,

    CONSTRAINT "VaultItem_pkey" PRIMARY KEY ("userId","item")
);

CREATE UNIQUE INDEX "User_username_key" ON "User"("username");
CREATE UNIQUE INDEX "User_emailHash_key" ON "User"("emailHash");
CREATE UNIQUE INDEX "Card_hash_key" ON "Card"("hash");
CREATE INDEX "Session_userId_idx" ON "Session"("userId");
CREATE INDEX "LoginAttempt_expiresAtMs_idx" ON "LoginAttempt"("expiresAtMs");
CREATE UNIQUE INDEX "Entry_author_entryId_key" ON "Entry"("author", "entryId");
CREATE INDEX "Entry_author_type_seq_idx" ON "Entry"("author", "type", "seq");
CREATE INDEX "Entry_author_hash_idx" ON "Entry"("author", "hash");
CREATE INDEX "Friendship_requester_changedAtMs_idx" ON "Friendship"("requester", "changedAtMs");
CREATE INDEX "Friendship_accepter_changedAtMs_idx" ON "Friendship"("accepter", "changedAtMs");
CREATE INDEX "Friendship_pair_changedAtMs_idx" ON "Friendship"("pair", "changedAtMs");
CREATE INDEX "Edge_author_idx" ON "Edge"("author");
CREATE INDEX "Grant_author_epoch_idx" ON "Grant"("author", "epoch");

-- Prisma's schema language has no partial indexes: these two are written by hand.

-- Two people have at most one open request or friendship.
CREATE UNIQUE INDEX "Friendship_open_pair_key" ON "Friendship"("pair") WHERE "state" IN ('PENDING', 'ACCEPTED', 'CONFIRMED');

-- The feed probes the newest thoughts of one author.
CREATE INDEX "Entry_thoughts_idx" ON "Entry"("author", "receivedAtMs" DESC, "seq" DESC) WHERE "type" = 2;
