import { defineConfig } from "prisma/config";

const command = process.argv[2] ?? "";
const commandsWithoutDatabase = ["generate", "validate", "format"];

// Every Prisma command downloads the schema engine before it starts, these three never run it: any executable that exists keeps them offline.
// Commands that do need the engine must fetch the real one, because with a stand-in `migrate deploy` applies nothing and may still exit 0.
if (commandsWithoutDatabase.includes(command)) process.env["PRISMA_SCHEMA_ENGINE_BINARY"] ??= process.execPath;

export default defineConfig({
  schema: "prisma/schema.prisma",
  migrations: { path: "prisma/migrations" },
  datasource: { url: process.env["DATABASE_URL"] ?? "" },
});
