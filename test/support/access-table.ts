import { type Role, ROLES } from "./cast.ts";

/** A row: what a role gets of each of the fields. `label` tells two ways to one field apart. */
export interface AccessRow {
  type: string;
  label: string;
  fields: string[];
  cells: Record<Role, string>;
}

/**
 * Reads a table of lines such as `Thought id seq | 401 null null …`: a type, its fields, and one word for each role in the order
 * of ROLES. Lines that begin with # are comments.
 */
export function parseAccessTable(text: string): AccessRow[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map(parseRow);
}

function parseRow(line: string): AccessRow {
  const [left = "", right = ""] = line.split("|");
  const [name = "", ...fields] = left.trim().split(/\s+/);
  const words = right.trim().split(/\s+/);
  if (words.length !== ROLES.length || fields.length === 0) throw new Error(`not a row of ${ROLES.length} cells: ${line}`);
  const [type = "", label = ""] = name.split("@");
  return { type, label, fields, cells: Object.fromEntries(ROLES.map((role, index) => [role, words[index]])) as Record<Role, string> };
}

/** Every field that the table names, as "Type.field". */
export function fieldsOfTable(rows: AccessRow[]): string[] {
  return [...new Set(rows.flatMap(({ type, fields }) => fields.map((field) => `${type}.${field}`)))];
}
