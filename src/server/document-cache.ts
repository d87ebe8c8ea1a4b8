const MAX_DOCUMENTS = 200;
const MAX_TEXT_CHARACTERS = 4_096;

/** What the texts of operations were found to be, of the latest two hundred: thousands of sockets send the same text. */
export class DocumentCache<Finding> {
  readonly #findings = new Map<string, Finding>();

  find(text: string): Finding | undefined {
    return this.#findings.get(text);
  }

  /** Returns the finding. A text that is too long to keep is looked at each time. */
  keep(text: string, finding: Finding): Finding {
    if (text.length > MAX_TEXT_CHARACTERS) return finding;
    const [oldest] = this.#findings.keys();
    if (this.#findings.size >= MAX_DOCUMENTS && oldest !== undefined) this.#findings.delete(oldest);
    this.#findings.set(text, finding);
    return finding;
  }
}
