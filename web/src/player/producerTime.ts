/** The capture time, Unix milliseconds, of a place on the media timeline, in seconds. */
export interface ProducerTime {
  mediaTime: number;
  captured: number;
}

/** The timescale of video that came by RTP. */
const videoTimescale = 90_000;
const prftBytes = 32;
const secondsFrom1900To1970 = 2_208_988_800;
/** Seconds in the lower half belong to the era that begins in 2036. */
const secondsPerEra = 2 ** 32;

/**
 * Reads the `prft` box (ISO/IEC 14496-12 §8.16.5) at the front of a fragment of video; null when there is none (sound, an init segment).
 */
export function readProducerTime(fragment: ArrayBuffer): ProducerTime | null {
  if (fragment.byteLength < prftBytes) return null;
  const view = new DataView(fragment, 0, prftBytes);
  if (view.getUint32(4) !== 0x70726674 /* prft */ || view.getUint8(8) !== 1) return null;
  const seconds = view.getUint32(16);
  const era = seconds < secondsPerEra / 2 ? secondsPerEra : 0;
  const milliseconds = (view.getUint32(20) * 1000) / 2 ** 32;
  return {
    captured: (seconds + era - secondsFrom1900To1970) * 1000 + milliseconds,
    mediaTime: Number(view.getBigUint64(24)) / videoTimescale,
  };
}
