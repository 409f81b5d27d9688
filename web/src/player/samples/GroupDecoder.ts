import type { SampleFormat } from "./messages";
import { copyOut, type Picture } from "./Picture";
import type { RecordedGroup } from "./RecordedGroup";

/** Which pictures of a group are wanted. */
export interface DecodePass {
  group: RecordedGroup;
  /** Places in the order of presentation, the second excluded. */
  from: number;
  to: number;
  /** Whether a picture between them is worth copying out of the decoder. */
  wants: (index: number) => boolean;
  /** Size of the pictures as a part of the recorded one. */
  scale: number;
  /** The picture is the receiver's. */
  onPicture: (index: number, picture: Picture) => void;
}

export type DecodeEnd = "done" | "aborted" | "unsupported" | "failed";

/** Measured over about so many passes, none of them shorter than this. */
const remembered = 8;
const fewSamples = 10;

/** Decodes groups of one camera with WebCodecs, one pass at a time, each from the group's keyframe to the last picture that is wanted. */
export class GroupDecoder {
  #decoder: VideoDecoder | null = null;
  #configured: SampleFormat | null = null;
  #supported = new Map<string, Promise<boolean>>();
  #pass = 0;
  #onFrame: (frame: VideoFrame) => void = (frame) => frame.close();
  #onFail: () => void = () => undefined;
  #costMs: number | null = null;

  static get isAvailable(): boolean {
    return typeof VideoDecoder === "function" && typeof createImageBitmap === "function";
  }

  /** How long one sample takes; null until something was decoded. */
  get costMs(): number | null {
    return this.#costMs;
  }

  /** One pass at a time: a new one aborts the one before. */
  async decode(pass: DecodePass): Promise<DecodeEnd> {
    this.abort();
    const turn = ++this.#pass;
    const { group } = pass;
    if (!(await this.#supports(group.format))) return "unsupported";
    if (turn !== this.#pass) return "aborted";
    const begun = performance.now();
    const pictures: Promise<void>[] = [];
    let failed = false;
    this.#onFail = () => (failed = true);
    this.#onFrame = (frame) => {
      const index = group.indexOf(frame.timestamp);
      const wanted = turn === this.#pass && index >= pass.from && index < pass.to && pass.wants(index);
      if (!wanted) return frame.close();
      pictures.push(
        copyOut(frame, pass.scale).then((picture) =>
          turn === this.#pass ? pass.onPicture(index, picture) : picture.close(),
        ),
      );
    };
    try {
      const decoder = this.#ready(group.format);
      const count = group.samplesFor(pass.from, pass.to);
      for (const [place, { keyframe, durationUs, data }] of group.samples.slice(0, count).entries()) {
        const timestamp = group.stampsUs[place]!;
        decoder.decode(
          new EncodedVideoChunk({ type: keyframe ? "key" : "delta", timestamp, duration: durationUs, data }),
        );
      }
      await decoder.flush();
      await Promise.all(pictures);
      // A pass over a few says more about starting than about decoding.
      if (turn === this.#pass && count >= fewSamples) this.#note((performance.now() - begun) / count);
    } catch {
      if (turn === this.#pass) failed = true;
    }
    if (turn !== this.#pass) return "aborted";
    if (failed) this.#drop();
    return failed ? "failed" : "done";
  }

  /** No picture of the pass that runs comes after this. */
  abort(): void {
    this.#pass++;
    if (this.#decoder?.state === "configured" && this.#decoder.decodeQueueSize > 0) {
      this.#decoder.reset();
      this.#configured = null;
    }
  }

  /** Gives the decoder back: computers have few in hardware. It may be used again. */
  release(): void {
    this.abort();
    this.#drop();
  }

  #ready(format: SampleFormat): VideoDecoder {
    if (!this.#decoder || this.#decoder.state === "closed") {
      this.#configured = null;
      this.#decoder = new VideoDecoder({
        output: (frame) => this.#onFrame(frame),
        error: () => this.#onFail(),
      });
    }
    if (this.#configured !== format) {
      if (this.#configured) this.#decoder.reset();
      this.#decoder.configure(configOf(format));
      this.#configured = format;
    }
    return this.#decoder;
  }

  #drop(): void {
    if (this.#decoder && this.#decoder.state !== "closed") this.#decoder.close();
    this.#decoder = null;
    this.#configured = null;
  }

  #supports(format: SampleFormat): Promise<boolean> {
    const key = `${format.codec} ${format.width}x${format.height}`;
    let answer = this.#supported.get(key);
    if (!answer) {
      answer = VideoDecoder.isConfigSupported(configOf(format)).then(
        ({ supported }) => supported === true,
        () => false,
      );
      this.#supported.set(key, answer);
    }
    return answer;
  }

  #note(costMs: number): void {
    this.#costMs = this.#costMs === null ? costMs : this.#costMs + (costMs - this.#costMs) / remembered;
  }
}

function configOf({ codec, description, width, height }: SampleFormat): VideoDecoderConfig {
  return { codec, description, codedWidth: width, codedHeight: height };
}
