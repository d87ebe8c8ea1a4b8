import { errorCode } from "../../storage/error-code.ts";
import { askRelay } from "./ask-relay.ts";
import type { KnownKeys } from "./check-keys.ts";
import type { Examination } from "./examination.ts";
import { fail, ok, type Finding } from "./finding.ts";

const CHECK = "public address";

/** Whether clients find this relay where they are told that it is. */
export async function checkPublicAddress({ config: { publicUrl } }: Examination, keys: KnownKeys | undefined, isRunning: boolean): Promise<Finding> {
  if (publicUrl === undefined) return ok(CHECK, "not set: the relay is for this machine, or is reached by its host and port");
  try {
    const { whose, status } = await askRelay(publicUrl, keys?.receiptKey);
    if (whose === "this") return ok(CHECK, `this relay answers at ${publicUrl}`);
    if (whose === "other") return fail(CHECK, "PUBLIC_URL_FOREIGN", `another relay answers at ${publicUrl}`, "Correct PEERBRAIN_PUBLIC_URL, or where the proxy there sends its requests.");
    if (!isRunning) return fail(CHECK, "PUBLIC_URL_UNREACHABLE", `${publicUrl} answers with status ${status}, and the relay does not run`, "Start the relay, and look again.");
    return fail(CHECK, "PUBLIC_URL_UNREACHABLE", `what answers at ${publicUrl} (status ${status}) is no relay`, "Correct PEERBRAIN_PUBLIC_URL, or have the proxy pass every path on to the relay's port.");
  } catch (error) {
    return fail(CHECK, "PUBLIC_URL_UNREACHABLE", `nobody answers at ${publicUrl} (${errorCode(error)})`, "Correct PEERBRAIN_PUBLIC_URL, its entry in the DNS, the proxy or the firewall.");
  }
}
