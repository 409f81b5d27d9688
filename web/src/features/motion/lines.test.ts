import { describe, expect, it } from "vitest";
import { linesOf, type MotionLine } from "./lines";
import { begun, skippedWords, told } from "./searchState";

const hit = (from: string, to: string) =>
  JSON.stringify({ type: "hit", from, to, score: 0.5, box: [0, 0, 0.5, 0.5] }) + "\n";
const end =
  JSON.stringify({
    type: "end",
    hits: 2,
    searchedSeconds: 60,
    complete: true,
    searchedTo: "2026-11-29T14:00:00Z",
  }) + "\n";
const t = Date.UTC(2026, 10, 29, 14);
const span = { from: t, to: t + 3600_000 };

/** The text in pieces of so many bytes, as the network may bring it. */
async function read(text: string, size: number): Promise<MotionLine[]> {
  const bytes = new TextEncoder().encode(text);
  const lines: MotionLine[] = [];
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (let i = 0; i < bytes.length; i += size) controller.enqueue(bytes.slice(i, i + size));
      controller.close();
    },
  });
  for await (const some of linesOf(body)) lines.push(...some);
  return lines;
}

describe("lines of a search", () => {
  const text =
    hit("2026-11-29T14:30:00Z", "2026-11-29T14:30:05Z") + hit("2026-11-29T14:10:00Z", "2026-11-29T14:10:01Z") + end;

  it("are the same in whatever pieces they come", async () => {
    const whole = await read(text, text.length);
    expect(whole.map((l) => l.type)).toEqual(["hit", "hit", "end"]);
    for (const size of [1, 7, 100]) expect(await read(text, size)).toEqual(whole);
  });

  it("leave out what was cut off", async () => {
    expect((await read(text.slice(0, -10), 50)).map((l) => l.type)).toEqual(["hit", "hit"]);
  });

  it("refuse what has no end", async () => {
    await expect(read("x".repeat(70_000), 70_000)).rejects.toThrow();
  });
});

describe("the state of a search", () => {
  it("collects hits, newest first, and says how far it came", async () => {
    let search = begun("a", span);
    expect([search.phase, search.searchedTo]).toEqual(["running", span.to]);
    search = told(search, [
      { type: "progress", searchedTo: "2026-11-29T14:45:00Z", share: 0.25, gridsComputed: 900 },
      { type: "hit", from: "2026-11-29T14:50:00Z", to: "2026-11-29T14:50:05Z", score: 1, box: [0, 0, 1, 1] },
    ]);
    search = told(search, [
      { type: "hit", from: "2026-11-29T14:40:00Z", to: "2026-11-29T14:40:05Z", score: 1, box: [0, 0, 1, 1] },
    ]);
    expect(search.hits.map((h) => (h.from - t) / 60_000)).toEqual([50, 40]);
    expect([search.share, search.compared, search.searchedTo]).toEqual([0.25, 900, t + 45 * 60_000]);
    search = told(search, [JSON.parse(end) as MotionLine]);
    expect([search.phase, search.share, search.searchedSeconds]).toEqual(["done", 1, 60]);
  });

  it("says what could not be searched, and why", () => {
    const line = (reason: string): MotionLine => ({
      type: "skipped",
      from: "2026-11-29T14:10:00Z",
      to: "2026-11-29T14:10:30Z",
      reason,
    });
    const words = (ms: number) => `${ms / 1000} s`;
    expect(skippedWords(begun("a", span), words)).toBeNull();
    expect(skippedWords(told(begun("a", span), [line("damaged"), line("deleted")]), words)).toBe(
      "60 s could not be searched: damaged, deleted meanwhile",
    );
  });
});
