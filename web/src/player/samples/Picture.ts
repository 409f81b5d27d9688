/** A decoded picture in memory; closed by its owner. */
export interface Picture {
  readonly image: VideoFrame | ImageBitmap;
  readonly width: number;
  readonly height: number;
  readonly bytes: number;
  close(): void;
}

/** In the size in which it was recorded, a picture is kept as the decoder gives it. */
export function recordedBytes({ width, height }: { width: number; height: number }): number {
  return width * height * 1.5;
}

/** Scaled down it is RGBA. */
export function scaledBytes({ width, height }: { width: number; height: number }, scale: number): number {
  return width * height * scale * scale * 4;
}

/** Copies a picture out of a decoder, which has only a few frames, and gives the frame back. */
export async function copyOut(frame: VideoFrame, scale: number): Promise<Picture> {
  try {
    return scale >= 1 && frame.format !== null ? await recorded(frame, frame.format) : await scaled(frame, scale);
  } finally {
    frame.close();
  }
}

/** Nothing is converted before it is drawn: in software that costs several times as much as decoding. */
async function recorded(frame: VideoFrame, format: VideoPixelFormat): Promise<Picture> {
  const bytes = frame.allocationSize();
  const data = new ArrayBuffer(bytes);
  const layout = await frame.copyTo(data);
  const { displayWidth: width, displayHeight: height } = frame;
  // Browsers that know no `transfer` copy once more.
  const init: VideoFrameBufferInit & { transfer: ArrayBuffer[] } = {
    format,
    layout,
    codedWidth: frame.visibleRect?.width ?? width,
    codedHeight: frame.visibleRect?.height ?? height,
    displayWidth: width,
    displayHeight: height,
    timestamp: frame.timestamp,
    colorSpace: frame.colorSpace,
    transfer: [data],
  };
  const image = new VideoFrame(data, init);
  return { image, width, height, bytes, close: () => image.close() };
}

async function scaled(frame: VideoFrame, scale: number): Promise<Picture> {
  const width = Math.max(1, Math.round(frame.displayWidth * Math.min(1, scale)));
  const height = Math.max(1, Math.round(frame.displayHeight * Math.min(1, scale)));
  const image = await createImageBitmap(frame, { resizeWidth: width, resizeHeight: height, resizeQuality: "low" });
  return { image, width, height, bytes: width * height * 4, close: () => image.close() };
}
