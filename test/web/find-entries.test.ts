import { describe, expect, test } from "vitest";
import { findEntries } from "../../src/web/playground/find-entries.ts";

describe("the entries of an answer", () => {
  test("are thoughts wherever they stand, by their author's name or id", () => {
    const nodes = [
      { author: { username: "bob" }, seq: 2, sealedText: "c2Vh" },
      { author: { id: "Ym9i", username: "bob" }, seq: 3, sealedText: null, id: "aGFzaA" },
    ];
    expect(findEntries({ feed: { nodes } })).toEqual([
      { username: "bob", seq: 2, sealedText: "c2Vh" },
      { author: "Ym9i", username: "bob", seq: 3, sealedText: null, id: "aGFzaA" },
    ]);
    expect(findEntries({ thoughtCreated: { author: { username: "bob" }, seq: 4, receivedAt: 1 } })).toEqual([{ username: "bob", seq: 4 }]);
  });

  test("are a user's own where they stand below that user", () => {
    const thoughts = { nodes: [{ seq: 5, sealedText: "c2Vh" }] };
    expect(findEntries({ viewer: { user: { id: "YQ", username: "alice", thoughts } } })).toEqual([{ author: "YQ", username: "alice", seq: 5, sealedText: "c2Vh" }]);
  });

  test("are signed entries too, in a thought or alone, each once", () => {
    const entry = { author: "Ym9i", seq: 2, bytes: "Ynl0", hash: "aGFzaA" };
    const expected = [{ author: "Ym9i", seq: 2, bytes: "Ynl0", id: "aGFzaA" }];
    expect(findEntries({ chain: { nodes: [{ ...entry, type: "THOUGHT" }], edges: [{ node: entry }] } })).toEqual(expected);
    expect(findEntries({ entryAppended: { entry, receipt: { bytes: "cmVj", receivedAt: 1 } } })).toEqual(expected);
    expect(findEntries({ thought: { seq: 2, entry } })).toEqual(expected);
  });

  test("say so when they have no place", () => {
    expect(findEntries({ feed: { nodes: [{ sealedText: "YQ" }, { sealedText: "Yg" }] } })).toEqual([{ sealedText: "YQ" }, { sealedText: "Yg" }]);
  });

  test("are not heads, grants, cards, receipts or whatever else has bytes", () => {
    const head = { author: "Ym9i", seq: 2, hash: "aGFzaA", epoch: 0 };
    const grant = { author: "Ym9i", epoch: 0, kind: "HISTORY", bytes: "Z3Jh" };
    const card = { version: 1, hash: "aGFzaA", bytes: "Y2Fy" };
    expect(findEntries({ viewer: { head }, grants: [grant], user: { card }, receipt: { bytes: "cmVj", receivedAt: 1 } })).toEqual([]);
    expect(findEntries(null)).toEqual([]);
  });
});
