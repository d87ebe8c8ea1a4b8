import { generateKeyPairSync, sign } from "node:crypto";

export interface Certificate {
  cert: string;
  key: string;
}

const COMMON_NAME = [2, 5, 4, 3];
const INTEGER = 0x02;
const BIT_STRING = 0x03;
const UTF8_STRING = 0x0c;
const GENERALIZED_TIME = 0x18;
const SEQUENCE = 0x30;
const SET = 0x31;
const ED25519 = sequence(objectId([1, 3, 101, 112]));

/** A self-signed X.509 certificate of version 1 for `name`, with a fresh key. */
export function createCertificate(name: string, validity: { fromMs: number; untilMs: number }): Certificate {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const issuer = sequence(tagged(SET, sequence(objectId(COMMON_NAME), tagged(UTF8_STRING, Buffer.from(name)))));
  const valid = sequence(time(validity.fromMs), time(validity.untilMs));
  const body = sequence(tagged(INTEGER, Buffer.from([1])), ED25519, issuer, valid, issuer, publicKey.export({ type: "spki", format: "der" }));
  const signature = tagged(BIT_STRING, Buffer.concat([Buffer.from([0]), sign(null, body, privateKey)]));
  const base64 = sequence(body, ED25519, signature).toString("base64").replace(/.{64}/g, "$&\n");
  return { cert: `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`, key: privateKey.export({ type: "pkcs8", format: "pem" }) as string };
}

function sequence(...parts: Buffer[]): Buffer {
  return tagged(SEQUENCE, Buffer.concat(parts));
}

function tagged(tag: number, content: Buffer): Buffer {
  const length = content.length < 128 ? [content.length] : content.length < 256 ? [0x81, content.length] : [0x82, content.length >> 8, content.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
}

/** All numbers are below 128, so each is one byte. */
function objectId([first = 0, second = 0, ...rest]: number[]): Buffer {
  return tagged(0x06, Buffer.from([first * 40 + second, ...rest]));
}

function time(ms: number): Buffer {
  return tagged(GENERALIZED_TIME, Buffer.from(`${new Date(ms).toISOString().replace(/[-:T]|\.\d+Z/g, "")}Z`));
}
