/** One spelling of an address: letter case and composition do not matter. */
export function normalizeEmail(address: string): string {
  return address.normalize("NFC").toLowerCase();
}
