/** The code that Node or PostgreSQL gave an error (`ENOENT`, `57P03`), or its name: never its text, which may quote values. */
export function errorCode(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  const code = (error as { code?: unknown }).code;
  return typeof code === "string" && code !== "" ? code : error.name;
}
