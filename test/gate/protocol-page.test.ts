import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { root } from "../../scripts/run.ts";
import * as limits from "../../src/protocol/limits.ts";
import { HASH_LABELS, KDF_LABELS, SEAL_LABELS, SIGN_LABELS } from "../../src/protocol/labels.ts";

const page = readFileSync(join(root, "PROTOCOL.md"), "utf8");

/** The rows of the table whose head begins like this, cell by cell. */
function tableOf(head: string): string[][] {
  const [, table = ""] = page.split(`\n${head}`);
  const rows = table.slice(0, table.indexOf("\n\n")).split("\n").slice(2);
  return rows.map((row) => row.split("|").slice(1, -1).map((cell) => cell.trim()));
}

const codesIn = (text: string): string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, code = ""]) => code);

describe("PROTOCOL.md", () => {
  test("lists every label once, under its function", () => {
    const listed = tableOf("| Function | Label |").map(([name = "", labels = ""]) => ({ name, labels: codesIn(labels) }));
    const of = (name: string): string[] => listed.filter((row) => row.name === name).flatMap(({ labels }) => labels).sort();
    expect(of("H")).toEqual([...HASH_LABELS].sort());
    expect(of("KDF")).toEqual([...KDF_LABELS].sort());
    expect(of("SEAL")).toEqual([...SEAL_LABELS].sort());
    expect(of("SIG")).toEqual([...SIGN_LABELS].sort());
  });

  test("lists every refusal of bytes", () => {
    const [, union = ""] = readFileSync(join(root, "src/protocol/protocol-error.ts"), "utf8").split("export type RefusalCode =");
    const codes = [...union.slice(0, union.indexOf("\n\n")).matchAll(/\| "([a-z-]+)"/g)].map(([, code]) => code);
    expect(codes.length).toBeGreaterThan(0);
    expect(tableOf("| Code | Meaning |").flatMap(([code = ""]) => codesIn(code))).toEqual(codes);
  });

  test("states the sizes that the code enforces", () => {
    const sizes = Object.fromEntries(tableOf("| What | Bytes |").map(([what = "", bytes = ""]) => [what, bytes.replace(/(\d) (?=\d{3})/g, "$1")]));
    const {
      CARD_BODY_BYTES, CARD_BYTES, NEXT_CARD_BYTES, ENTRY_HEADER_BYTES, SIGNED_HEADER_BYTES, FIRST_EPOCH_PAYLOAD_BYTES, EPOCH_PAYLOAD_BYTES,
      RECEIPT_BYTES, SIGNED_RECEIPT_BYTES, RECEIPT_CONFLICT_BYTES, OBSERVATION_BYTES, OBSERVED_HASH_BYTES, GRANT_CONTEXT_BYTES, GRANT_SEALED_BYTES, GRANT_BYTES, FRIENDSHIP_RECORD_BYTES,
      SIGNED_FRIENDSHIP_RECORD_BYTES, WRAP_BYTES, MAX_ENTRY_BYTES, MAX_VAULT_ITEM_BYTES, MAX_TEXT_BYTES, SEAL_OVERHEAD_BYTES, MAX_THOUGHT_BUCKET_BYTES,
    } = limits;
    expect(sizes).toMatchObject({
      "card body · first card · continuation": `${CARD_BODY_BYTES} · ${CARD_BYTES} · ${NEXT_CARD_BYTES}`,
      "header of an entry · with signature": `${ENTRY_HEADER_BYTES} · ${SIGNED_HEADER_BYTES}`,
      "payload of EPOCH 0 · of every later EPOCH": `${FIRST_EPOCH_PAYLOAD_BYTES} · ${EPOCH_PAYLOAD_BYTES}`,
      "payload of a THOUGHT": `${SEAL_OVERHEAD_BYTES} + a bucket of at most ${MAX_THOUGHT_BUCKET_BYTES}`,
      "smallest · largest THOUGHT entry": `${SIGNED_HEADER_BYTES + SEAL_OVERHEAD_BYTES + 256} · ${MAX_ENTRY_BYTES}`,
      "text of a thought": `at most ${MAX_TEXT_BYTES}, in UTF-8`,
      "observation · what it seals": `${OBSERVATION_BYTES} · ${8 + OBSERVED_HASH_BYTES}`,
      "receipt · with signature · conflict of two": `${RECEIPT_BYTES} · ${SIGNED_RECEIPT_BYTES} · ${RECEIPT_CONFLICT_BYTES}`,
      "grant: context · sealed part · whole": `${GRANT_CONTEXT_BYTES} · ${GRANT_SEALED_BYTES} · ${GRANT_BYTES}`,
      "friendship record · with signature": `${FRIENDSHIP_RECORD_BYTES} · ${SIGNED_FRIENDSHIP_RECORD_BYTES}`,
      wrap: `${WRAP_BYTES}`,
      "sealed vault item": expect.stringMatching(new RegExp(`^at most ${MAX_VAULT_ITEM_BYTES}, `)),
    });
  });
});
