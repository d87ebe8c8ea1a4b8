import { randomFillSync } from "node:crypto";

export const Opcode = { TEXT: 1, CLOSE: 8, PING: 9, PONG: 10 } as const;

const FIN = 0x80;
const MASKED = 0x80;

/** A frame as a client sends it: whole and masked (RFC 6455 §5.3). */
export function encodeFrame(opcode: number, body: Buffer): Buffer {
  const head = encodeHead(opcode, body.length);
  const mask = randomFillSync(Buffer.alloc(4));
  const masked = Buffer.allocUnsafe(body.length);
  for (let index = 0; index < body.length; index++) masked[index] = (body[index] as number) ^ (mask[index & 3] as number);
  return Buffer.concat([head, mask, masked]);
}

function encodeHead(opcode: number, length: number): Buffer {
  if (length < 126) return Buffer.from([FIN | opcode, MASKED | length]);
  if (length < 65_536) return Buffer.from([FIN | opcode, MASKED | 126, length >> 8, length & 255]);
  const head = Buffer.alloc(10);
  head.writeUInt16BE(((FIN | opcode) << 8) | MASKED | 127);
  head.writeBigUInt64BE(BigInt(length), 2);
  return head;
}

/** Where the frame at `offset` has its body; undefined while it is not all there. Servers send unmasked, and none here splits a message. */
export function parseFrame(bytes: Buffer, offset: number, end: number): { opcode: number; start: number; end: number } | undefined {
  if (end - offset < 2) return undefined;
  const opcode = (bytes[offset] as number) & 15;
  let length = (bytes[offset + 1] as number) & 127;
  let start = offset + 2;
  if (length === 126) {
    if (end - offset < 4) return undefined;
    length = bytes.readUInt16BE(start);
    start += 2;
  } else if (length === 127) {
    if (end - offset < 10) return undefined;
    length = Number(bytes.readBigUInt64BE(start));
    start += 8;
  }
  return end - start < length ? undefined : { opcode, start, end: start + length };
}
