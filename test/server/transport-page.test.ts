import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { CloseCode } from "graphql-ws";
import { expect, test } from "vitest";
import { ERROR_CODES } from "../../src/domain/domain-error.ts";
import { CLOSE_CODES } from "../../src/realtime/graphql-ws/close-codes.ts";
import { httpStatusOf } from "../../src/server/errors.ts";

const page = await readFile(join(import.meta.dirname, "../../docs/TRANSPORT.md"), "utf8");
const rowsOf = (row: RegExp): [string, string][] => [...page.matchAll(row)].map(([, first = "", second = ""]) => [first, second]);

test("docs/TRANSPORT.md tells the status of every code that leaves the relay", () => {
  const told = rowsOf(/^\| `([A-Z_]+)` \| (\d+) \|/gm);
  // Over HTTP alone, before a request is one of GraphQL.
  const statuses = told.filter(([code]) => code !== "SIZE_EXCEEDED");
  for (const [code, status] of statuses) expect([code, httpStatusOf([code])]).toEqual([code, Number(status)]);
  expect(told.map(([code]) => code)).toEqual(expect.arrayContaining([...ERROR_CODES, "INTERNAL"]));
});

test("docs/TRANSPORT.md tells every code that closes a socket", () => {
  const told = rowsOf(/^\| (\d{4}) \| ([^|]+) \|/gm).map(([code]) => Number(code));
  const serverCodes = [
    CloseCode.Unauthorized, CloseCode.Forbidden, CloseCode.SubprotocolNotAcceptable, CloseCode.ConnectionInitialisationTimeout,
    CloseCode.SubscriberAlreadyExists, CloseCode.TooManyInitialisationRequests, CloseCode.BadRequest,
  ];
  // 1008 and 1009 come from the WebSocket library itself; tests of the socket's bounds see both.
  expect(told).toEqual([...new Set([...Object.values(CLOSE_CODES), ...serverCodes, 1008, 1009])].sort((a, b) => a - b));
});
