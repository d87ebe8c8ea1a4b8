CREATE TABLE "Invitation" (
    "hash" BYTEA NOT NULL,
    "createdAtMs" BIGINT NOT NULL,
    "expiresAtMs" BIGINT NOT NULL,
    "usesLeft" INTEGER NOT NULL,

    CONSTRAINT "Invitation_pkey" PRIMARY KEY ("hash")
);
