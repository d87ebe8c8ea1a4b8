import { encode } from "uqr";

/** Light modules around the code, as the standard wants them. */
const QUIET_ZONE = 4;

/** A text such as an invite link as a QR code: an SVG picture of the size that its place gives it. */
export function qrCodeSvg(text: string): string {
  const rows = modulesOf(text);
  const size = rows.length;
  const dark = rows.flatMap((row, y) => row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : ""))).join("");
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size} ${size}" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h${size}v${size}H0z"/><path d="${dark}"/></svg>`;
}

/**
 * The same as lines of text for a terminal, two rows of modules a line. It draws the light modules; where letters are dark
 * on a light ground, it draws the dark ones with `lightGround`.
 */
export function qrCodeText(text: string, { lightGround = false }: { lightGround?: boolean } = {}): string {
  const rows = modulesOf(text);
  const isDrawn = (isDark: boolean | undefined): boolean => isDark === lightGround;
  const lines = rows.flatMap((upper, y) => {
    if (y % 2 === 1) return [];
    const lower = rows[y + 1];
    return [upper.map((isDark, x) => BLOCKS[Number(isDrawn(isDark)) + 2 * Number(isDrawn(lower?.[x]))]).join("")];
  });
  return lines.join("\n");
}

/** By whether the upper and, twice as much, the lower half is drawn. */
const BLOCKS = [" ", "▀", "▄", "█"] as const;

function modulesOf(text: string): boolean[][] {
  return encode(text, { ecc: "M", border: QUIET_ZONE }).data;
}
