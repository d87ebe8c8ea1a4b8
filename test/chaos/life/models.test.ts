import { describe, expect, test } from "vitest";
import { PairModel, type FriendshipAct } from "./pair-model.ts";
import { ThoughtsModel } from "./thoughts-model.ts";

describe("the model of a friendship", () => {
  const after = (...acts: [FriendshipAct, "done" | "refused" | "unknown"][]): string => {
    const pair = new PairModel();
    for (const [act, outcome] of acts) pair.begin(act)(outcome);
    return pair.standing;
  };

  test("follows acts that were answered", () => {
    expect(after()).toBe("apart");
    expect(after(["request", "done"])).toBe("open");
    expect(after(["request", "done"], ["accept", "done"])).toBe("friends");
    expect(after(["request", "done"], ["accept", "done"], ["request", "refused"])).toBe("friends");
    expect(after(["request", "done"], ["accept", "done"], ["end", "done"])).toBe("apart");
    expect(after(["request", "done"], ["decline", "done"])).toBe("apart");
  });

  test("is open where an answer is missing, until all is quiet", () => {
    const pair = new PairModel();
    pair.begin("request")("done");
    pair.begin("accept")("unknown");
    pair.begin("end")("done");
    expect(pair.standing).toBe("open");
    pair.settle("friends");
    expect(pair.standing).toBe("friends");
    pair.begin("end")("done");
    expect(pair.standing).toBe("apart");
  });

  test("is open where acts overlap", () => {
    const pair = new PairModel();
    const [accept, cancel] = [pair.begin("accept"), pair.begin("cancel")];
    accept("done");
    cancel("refused");
    expect(pair.standing).toBe("open");
  });
});

describe("the model of thoughts", () => {
  test("wants every thought that was answered, once", () => {
    const thoughts = new ThoughtsModel();
    thoughts.write("a")("done");
    thoughts.write("b")("done");
    expect(thoughts.faults(["b", "a"])).toEqual([]);
    expect(thoughts.faults(["b"])).toEqual(['"a" is missing']);
    expect(thoughts.faults(["a", "b", "a"])).toEqual(['"a" is shown 2 times']);
    expect(thoughts.faults(["a", "b", "c"])).toEqual(['"c" is shown and never was to be']);
  });

  test("allows what got no answer, and what was refused no more", () => {
    const thoughts = new ThoughtsModel();
    thoughts.write("a")("unknown");
    thoughts.write("b")("refused");
    expect(thoughts.faults([])).toEqual([]);
    expect(thoughts.faults(["a"])).toEqual([]);
    expect(thoughts.faults(["b"])).toHaveLength(1);
    thoughts.settle([]);
    expect(thoughts.faults(["a"])).toHaveLength(1);
  });

  test("wants the newest text of edits in a row, and any of those whose order nobody knows", () => {
    const thoughts = new ThoughtsModel();
    thoughts.write("a")("done");
    thoughts.edit("a", "a1")("done");
    expect(thoughts.faults(["a1"])).toEqual([]);
    expect(thoughts.faults(["a"])).toHaveLength(2);
    const [first, second] = [thoughts.edit("a", "a2"), thoughts.edit("a", "a3")];
    first("done");
    second("done");
    for (const text of ["a1", "a2", "a3"]) expect(thoughts.faults([text])).toEqual([]);
    thoughts.settle(["a2"]);
    expect(thoughts.faults(["a3"])).toHaveLength(2);
  });

  test("wants no thought that was withdrawn", () => {
    const thoughts = new ThoughtsModel();
    thoughts.write("a")("done");
    thoughts.withdraw("a")("unknown");
    expect([thoughts.faults(["a"]), thoughts.faults([])]).toEqual([[], []]);
    expect(thoughts.standing).toEqual([]);
    thoughts.withdraw("a")("done");
    expect(thoughts.faults([])).toEqual([]);
    expect(thoughts.faults(["a"])).toEqual(['"a" was withdrawn and is shown']);
  });
});
