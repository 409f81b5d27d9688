import { parseSamples, parseText, type Sample, type SampleFormat } from "./messages";
import { RecordedGroup } from "./RecordedGroup";

export type ReadEnd = "done" | "noMore" | "replaced" | "problem";

export interface AssemblyEvents {
  onGroup: (request: number, group: RecordedGroup) => void;
  onEnd: (request: number, end: ReadEnd) => void;
}

/** Puts the groups of one connection together from its messages, in their order. A message that makes no sense throws. */
export class GroupAssembly {
  #format: SampleFormat | null = null;
  #open: { request: number; fromUs: number; toUs: number; samples: Sample[] } | null = null;

  constructor(readonly events: AssemblyEvents) {}

  push(message: string | ArrayBuffer): void {
    if (typeof message !== "string") return this.#pushSamples(message);
    const text = parseText(message);
    switch (text?.type) {
      case "format":
        this.#finish();
        // Counts for the connection, also when the read that it came with is of no interest any more.
        this.#format = text.format;
        return;
      case "gop":
        this.#finish();
        this.#open = { ...text, samples: [] };
        return;
      case "end":
        // A group that was cut off is none.
        if (text.reason === "replaced") this.#open = null;
        this.#finish();
        return this.events.onEnd(text.request, text.reason);
      case "problem":
        this.#open = null;
        return this.events.onEnd(text.request, "problem");
    }
  }

  #pushSamples(message: ArrayBuffer): void {
    const { request, samples } = parseSamples(message);
    if (this.#open?.request !== request) throw new RangeError(`samples of request ${request} outside of a group`);
    this.#open.samples.push(...samples);
  }

  #finish(): void {
    const open = this.#open;
    this.#open = null;
    if (!open || open.samples.length === 0) return;
    if (!this.#format) throw new RangeError("a group before its format");
    this.events.onGroup(open.request, new RecordedGroup(this.#format, open.fromUs, open.toUs, open.samples));
  }
}
