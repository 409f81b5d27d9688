/** The messages of `GET /api/cameras/{id}/playback/samples` (docs/design/samples.md). Pure. */

/** What is asked for; the connection numbers it. */
export interface ReadWish {
  /** Wall clock, UTC microseconds. */
  atUs: number;
  /** 1: the group that contains the time or the first behind it, and on; -1: or the last before it, and back. */
  direction: 1 | -1;
  /** How many groups, 1 to 64. */
  gops: number;
  /** Only the first picture of each group. */
  keyframes: boolean;
  /** Groups that begin closer than this to the one before are left out, microseconds. */
  everyUs: number;
}

/** What a decoder needs before the first sample. */
export interface SampleFormat {
  /** RFC 6381, as WebCodecs takes it. */
  codec: string;
  /** `avcC` or `hvcC`. */
  description: Uint8Array<ArrayBuffer>;
  width: number;
  height: number;
}

/** One coded picture: length-prefixed NAL units, a view into the message it came in. */
export interface Sample {
  /** Wall clock of its presentation, UTC microseconds. */
  atUs: number;
  durationUs: number;
  keyframe: boolean;
  data: Uint8Array<ArrayBuffer>;
}

export type TextMessage =
  | { type: "format"; request: number; format: SampleFormat }
  | { type: "gop"; request: number; fromUs: number; toUs: number }
  | { type: "end"; request: number; reason: "done" | "noMore" | "replaced" }
  | { type: "problem"; request: number; code: string };

const headBytes = 8;
const sampleHeadBytes = 20;
const keyframeFlag = 1;

export function readMessage(request: number, wish: ReadWish): string {
  return JSON.stringify({ type: "read", request, ...wish });
}

/** @returns null for a message of another kind: a newer server may send more. */
export function parseText(text: string): TextMessage | null {
  const message = JSON.parse(text) as Record<string, unknown>;
  const request = Number(message["request"]);
  switch (message["type"]) {
    case "format":
      return {
        type: "format",
        request,
        format: {
          codec: String(message["codec"]),
          description: Uint8Array.from(atob(String(message["description"])), (c) => c.charCodeAt(0)),
          width: Number(message["width"]),
          height: Number(message["height"]),
        },
      };
    case "gop":
      return { type: "gop", request, fromUs: Number(message["fromUs"]), toUs: Number(message["toUs"]) };
    case "end":
      return { type: "end", request, reason: message["reason"] as "done" | "noMore" | "replaced" };
    case "problem":
      return { type: "problem", request, code: String(message["code"]) };
    default:
      return null;
  }
}

/**
 * The samples of one stored fragment, in decode order.
 * @throws RangeError when the message ends before what it announces, or goes on behind it.
 */
export function parseSamples(message: ArrayBuffer): { request: number; samples: Sample[] } {
  const view = new DataView(message);
  if (message.byteLength < headBytes) throw new RangeError(`${message.byteLength} bytes of a head`);
  const request = view.getUint32(0);
  const count = view.getUint32(4);
  let dataAt = headBytes + count * sampleHeadBytes;
  if (dataAt > message.byteLength) throw new RangeError(`${count} samples in ${message.byteLength} bytes`);
  const samples: Sample[] = [];
  for (let i = 0; i < count; i++) {
    const head = headBytes + i * sampleHeadBytes;
    const length = view.getUint32(head + 16);
    if (dataAt + length > message.byteLength) throw new RangeError(`a sample of ${length} bytes at ${dataAt}`);
    samples.push({
      // Microseconds since 1970 stay below 2^53 until the year 2255.
      atUs: Number(view.getBigInt64(head)),
      durationUs: view.getUint32(head + 8),
      keyframe: (view.getUint32(head + 12) & keyframeFlag) !== 0,
      data: new Uint8Array(message, dataAt, length),
    });
    dataAt += length;
  }
  if (dataAt !== message.byteLength) throw new RangeError(`${message.byteLength - dataAt} bytes behind the samples`);
  return { request, samples };
}
