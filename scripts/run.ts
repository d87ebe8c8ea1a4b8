import { spawn, spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** The checkout that the tools work on. */
export const root = dirname(import.meta.dirname);

const require = createRequire(import.meta.url);

/** The script behind a package's command, to be run by this very Node: no shell, no npx, no process in between. */
export function toolPath(packageName: string, command = packageName): string {
  const manifestPath = join(root, "node_modules", packageName, "package.json");
  const { bin } = require(manifestPath) as { bin: string | Record<string, string> };
  const path = typeof bin === "string" ? bin : bin[command];
  if (!path) throw new Error(`${packageName} has no command ${command}`);
  return join(dirname(manifestPath), path);
}

/** Runs one of the tools in the checkout, in silence unless it fails; then it prints what the tool wrote and throws. */
export function runTool(packageName: string, args: string[], command = packageName): void {
  const { status, stdout, stderr, error } = spawnSync(process.execPath, [toolPath(packageName, command), ...args], {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  if (error) throw error;
  if (status === 0) return;
  console.error(`${stdout}${stderr}`.trim());
  throw new CommandFailed(`${command} ${args.join(" ")}`, status ?? 1);
}

/** Runs Node with `args` and returns all that it wrote, whatever its exit code. */
export function capture(args: string[], cwd = root): Promise<{ exitCode: number; stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd, stdio: ["ignore", "pipe", "pipe"] });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.once("error", reject);
    child.once("close", (exitCode) => resolve({ exitCode: exitCode ?? 1, stdout, stderr }));
  });
}

/** A tool that ran and said no; what it had to say stands on the terminal already. */
export class CommandFailed extends Error {
  constructor(
    command: string,
    readonly exitCode: number,
  ) {
    super(`${command} ended with ${exitCode}`);
  }
}
