ALTER TABLE "User" ADD COLUMN "deletedAtMs" BIGINT;
CREATE INDEX "LoginAttempt_userId_idx" ON "LoginAttempt"("userId");
