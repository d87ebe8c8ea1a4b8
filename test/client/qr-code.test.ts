import { decodeQR } from "qr/decode.js";
import { describe, expect, test } from "vitest";
import { qrCodeSvg, qrCodeText } from "../../src/client/index.ts";
import { encodeInviteLink } from "../../src/protocol/index.ts";

const bytes = new Uint8Array(32).fill(0xa5);
const link = encodeInviteLink({ relay: "https://a-relay.with-a-long-name.example:8443", username: "a".repeat(30), userId: bytes, cardHash: bytes });

const PIXELS_PER_MODULE = 4;

/** What another implementation reads from a picture of these modules. */
function read(isDark: boolean[][]): string {
  const side = isDark.length * PIXELS_PER_MODULE;
  const data = new Uint8Array(side * side * 4);
  for (let pixel = 0; pixel < side * side; pixel += 1) {
    const [x, y] = [pixel % side, Math.floor(pixel / side)].map((place) => Math.floor(place / PIXELS_PER_MODULE));
    data.fill(isDark[y!]?.[x!] ? 0 : 255, pixel * 4, pixel * 4 + 3);
    data[pixel * 4 + 3] = 255;
  }
  return decodeQR({ width: side, height: side, data });
}

function modulesOfSvg(svg: string): boolean[][] {
  const size = Number(/viewBox="0 0 (\d+) \1"/.exec(svg)?.[1]);
  const modules = Array.from({ length: size }, () => Array<boolean>(size).fill(false));
  for (const [, x, y] of svg.matchAll(/M(\d+) (\d+)h1v1h-1z/g)) modules[Number(y)]![Number(x)] = true;
  return modules;
}

const modulesOfText = (text: string, isDrawnDark: boolean): boolean[][] => {
  const width = text.indexOf("\n");
  const drawn = text.split("\n").flatMap((line) => [[..."▀█"], [..."▄█"]].map((half) => [...line].map((block) => half.includes(block) === isDrawnDark)));
  return drawn.slice(0, width);
};

describe("an invite link as a QR code", () => {
  test("is read from the picture, which holds nothing but shapes", () => {
    const svg = qrCodeSvg(link);
    expect(read(modulesOfSvg(svg))).toBe(link);
    expect(svg.replace(/<\/?(svg|path)[^<>]*>/g, "")).toBe("");
  });

  test("is read from a terminal's text, on a dark ground and on a light one", () => {
    expect(read(modulesOfText(qrCodeText(link), false))).toBe(link);
    expect(read(modulesOfText(qrCodeText(link, { lightGround: true }), true))).toBe(link);
  });

  test("has four light modules around it, without which readers do not find it", () => {
    const modules = modulesOfSvg(qrCodeSvg(link));
    const firstRow = modules.findIndex((row) => row.includes(true));
    const firstColumn = Math.min(...modules.map((row) => row.indexOf(true)).filter((x) => x >= 0));
    expect([firstRow, firstColumn]).toEqual([4, 4]);
  });
});
