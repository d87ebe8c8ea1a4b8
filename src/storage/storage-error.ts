import pg from "pg";
import { DomainError } from "../domain/domain-error.ts";
import { Prisma } from "./generated/client.ts";

/** Prisma's codes for a database that cannot be reached, has no connection left, or did not answer in time. */
const UNAVAILABLE_CODES = new Set(["P1001", "P1002", "P1008", "P1017", "P2024", "P2028", "P2037"]);
const UNAVAILABLE_KINDS = new Set(["DatabaseNotReachable", "ConnectionClosed", "SocketTimeout", "TooManyConnections"]);
/** SQLSTATE classes 08 (connection) and 57P (shutdown, starting up), and that no connection is left. */
const UNAVAILABLE_SQLSTATE = /^(08|57P|53300$)/;

/** What pg says in words alone when a connection is not to be had, or ends under a statement. */
const LOST_CONNECTION = /^(timeout exceeded when trying to connect|timeout expired|Connection terminated|Client has encountered a connection error|Client was closed)/;
/** The system's own words, such as ENOENT for the socket of an embedded database that is gone. Prisma may pass them on as its own. */
const SYSTEM_CODE = /^E[A-Z]+$/;

/** Whether the database chose this transaction to give way: it may simply run again. */
export function isConflict(error: unknown): boolean {
  if (!(error instanceof Prisma.PrismaClientKnownRequestError)) return false;
  return error.code === "P2034" || causeOf(error)?.kind === "TransactionWriteConflict";
}

/** The name of the unique index that the statement would have broken, or undefined. */
export function brokenUniqueness(error: unknown): string | undefined {
  if (!(error instanceof Prisma.PrismaClientKnownRequestError) || error.code !== "P2002") return undefined;
  return causeOf(error)?.constraint?.index;
}

/** UNAVAILABLE for a database that does not answer; every other error as it is. */
export function toDomainError(error: unknown): unknown {
  if (!isUnavailable(error)) return error;
  const unavailable = new DomainError("UNAVAILABLE", "The relay's database does not answer at the moment. Try again in a few seconds.");
  unavailable.cause = error;
  return unavailable;
}

function isUnavailable(error: unknown): boolean {
  if (error instanceof Prisma.PrismaClientInitializationError) return true;
  if (isLostConnection(error)) return true;
  if (error instanceof pg.DatabaseError) return UNAVAILABLE_SQLSTATE.test(error.code ?? "");
  if (!(error instanceof Prisma.PrismaClientKnownRequestError)) return false;
  const cause = causeOf(error);
  return (
    UNAVAILABLE_CODES.has(error.code) ||
    UNAVAILABLE_KINDS.has(cause?.kind ?? "") ||
    UNAVAILABLE_SQLSTATE.test(cause?.originalCode ?? "")
  );
}

function isLostConnection(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code = "" } = error as NodeJS.ErrnoException;
  return LOST_CONNECTION.test(error.message) || SYSTEM_CODE.test(code);
}

interface AdapterCause {
  kind?: string;
  originalCode?: string;
  constraint?: { index?: string };
}

function causeOf(error: Prisma.PrismaClientKnownRequestError): AdapterCause | undefined {
  const adapterError = error.meta?.["driverAdapterError"] as { cause?: AdapterCause } | undefined;
  return adapterError?.cause;
}
