import { words } from "./words";

/** What the server says while it searches: one JSON object a line. */
export type MotionLine =
  | { type: "hit"; from: string; to: string; score: number; box: [number, number, number, number] }
  | { type: "progress"; searchedTo: string; share: number; gridsComputed: number }
  | { type: "skipped"; from: string; to: string; reason: string }
  | { type: "end"; hits: number; searchedSeconds: number; complete: boolean; searchedTo: string }
  | { type: "failed"; code: string; title: string };

/** A line is a few hundred characters. */
const longestLine = 64 * 1024;

/** The lines of an answer as they come, those of one piece of it together. A line that was cut off at its end is none. */
export async function* linesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<MotionLine[]> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const parts = (rest + decoder.decode(value, { stream: true })).split("\n");
      rest = parts.pop()!;
      if (rest.length > longestLine) throw new Error(words.senseless);
      const lines = parts.filter((p) => p !== "").map((p) => JSON.parse(p) as MotionLine);
      if (lines.length > 0) yield lines;
    }
  } finally {
    void reader.cancel().catch(() => undefined);
  }
}
