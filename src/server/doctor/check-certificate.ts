import { connect, type PeerCertificate } from "node:tls";
import { isIP } from "node:net";
import { errorCode } from "../../storage/error-code.ts";
import type { Examination } from "./examination.ts";
import { fail, ok, warn, type Finding } from "./finding.ts";

const CHECK = "certificate";
const HTTPS_PORT = 443;
const TIMEOUT_MS = 5_000;
const DAY_MS = 86_400_000;
const SOON_DAYS = 14;
const RENEW = "Renew it at the proxy, and see why it was not renewed by itself.";

/** Whether clients accept the certificate at the public address, and for how long. */
export async function checkCertificate({ config: { publicUrl }, clock }: Examination): Promise<Finding> {
  if (publicUrl?.startsWith("https:") !== true) return ok(CHECK, "none: the public address is not https");
  try {
    const { certificate, complaint } = await fetchCertificate(new URL(publicUrl));
    const endsMs = Date.parse(certificate.valid_to);
    const days = Math.floor((endsMs - clock.nowMs()) / DAY_MS);
    const until = `until ${new Date(endsMs).toISOString()}`;
    if (days < 0) return fail(CHECK, "TLS_EXPIRED", `the certificate was valid ${until}`, `${RENEW} Until then no client connects.`);
    if (complaint !== undefined) return fail(CHECK, "TLS_INVALID", `clients refuse the certificate (${complaint})`, "Use one for this host name from an authority that clients trust, with all certificates in between.");
    if (days < SOON_DAYS) return warn(CHECK, "TLS_EXPIRES_SOON", `the certificate is valid ${until}, ${days} more days`, RENEW);
    return ok(CHECK, `valid ${until}`);
  } catch (error) {
    return fail(CHECK, "PUBLIC_URL_UNREACHABLE", `no TLS at ${publicUrl} (${errorCode(error)})`, "See whether the proxy runs and speaks TLS on that port.");
  }
}

function fetchCertificate({ hostname, port }: URL): Promise<{ certificate: PeerCertificate; complaint: string | undefined }> {
  const host = hostname.replace(/^\[|\]$/g, "");
  return new Promise((resolve, reject) => {
    // What is wrong with the certificate is to be read, not to end the connection.
    const socket = connect({ host, port: Number(port) || HTTPS_PORT, rejectUnauthorized: false, timeout: TIMEOUT_MS, ...(isIP(host) === 0 && { servername: host }) });
    socket.once("error", reject);
    socket.once("timeout", () => socket.destroy(Object.assign(new Error("no answer in time"), { code: "ETIMEDOUT" })));
    socket.once("secureConnect", () => {
      resolve({ certificate: socket.getPeerCertificate(), complaint: socket.authorized ? undefined : nameOf(socket.authorizationError) });
      socket.destroy();
    });
  });
}

/** Node gives a code where its types say that there is an error. */
function nameOf(complaint: unknown): string {
  return typeof complaint === "string" ? complaint : errorCode(complaint);
}
