import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

/** A desktop's keychain of a test's own: a session bus, and an unlocked GNOME Keyring on it. */
export interface SecretService {
  /** What a program needs in its environment to find it. */
  variables: Record<string, string>;
  countItems(): Promise<number>;
  close(): Promise<void>;
}

const COLLECTION = "/org/freedesktop/secrets/collection/login";

export async function openSecretService(folder: string): Promise<SecretService> {
  const [home, runtime] = [join(folder, "home"), join(folder, "run")];
  for (const path of [home, runtime]) await mkdir(path, { recursive: true, mode: 0o700 });
  const places = { PATH: process.env["PATH"] ?? "", HOME: home, XDG_DATA_HOME: join(home, "data"), XDG_RUNTIME_DIR: runtime };

  const bus = spawn("dbus-daemon", ["--session", "--nofork", "--print-address", `--address=unix:dir=${runtime}`], { env: places, stdio: ["ignore", "pipe", "ignore"] });
  const [address] = (await once(createInterface({ input: bus.stdout }), "line")) as [string];
  const env = { ...places, DBUS_SESSION_BUS_ADDRESS: address };
  const keyring = spawn("gnome-keyring-daemon", ["--foreground", "--unlock", "--components=secrets"], { env, stdio: ["pipe", "ignore", "ignore"] });
  keyring.stdin.end("the password of the desktop");
  const countItems = async (): Promise<number> => {
    const asked = ["--session", "--print-reply", "--dest=org.freedesktop.secrets", COLLECTION, "org.freedesktop.DBus.Properties.Get", "string:org.freedesktop.Secret.Collection", "string:Items"];
    const { stdout } = await promisify(execFile)("dbus-send", asked, { env });
    return stdout.split("object path").length - 1;
  };
  while ((await countItems().catch(() => undefined)) === undefined) {
    if (keyring.exitCode !== null) throw new Error("gnome-keyring-daemon does not start");
    await sleep(50);
  }

  return {
    variables: { DBUS_SESSION_BUS_ADDRESS: address, XDG_RUNTIME_DIR: runtime },
    countItems,
    async close() {
      for (const child of [keyring, bus]) {
        const exited = once(child, "exit");
        child.kill("SIGTERM");
        await exited;
      }
    },
  };
}
