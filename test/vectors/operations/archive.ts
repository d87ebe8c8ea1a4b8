import { openArchivePiece, unwrapArchiveKey } from "../../../src/crypto/index.ts";
import { parseArchiveHead, parseArchivePiece } from "../../../src/protocol/index.ts";
import { fromHex, type Hex } from "../hex.ts";

/** What docs/ARCHIVE.md defines. */
export const archive = {
  "open-archive-head": ({ passwordKey, head }: { passwordKey: Hex; head: Hex }) => {
    const { salt, id, wrap } = parseArchiveHead(fromHex(head));
    return { salt, id, archiveKey: unwrapArchiveKey(fromHex(passwordKey), { salt, id, wrap }) };
  },

  "open-archive-piece": ({ archiveKey, id, index, isLast, sealed }: { archiveKey: Hex; id: Hex; index: number; isLast: boolean; sealed: Hex }) => ({
    piece: openArchivePiece(fromHex(archiveKey), { id: fromHex(id), index, isLast }, fromHex(sealed)),
  }),

  "parse-archive-piece": ({ content }: { content: Hex }) => ({ piece: parseArchivePiece(fromHex(content)) }),
};
