import type { Tone } from "@/components/cameraWords";
import { number } from "@/i18n/formats";
import { words } from "./words";

/** From here on times of the device's events are noticeably beside those of the pictures. */
const noticeableMs = 2_000;
/** From here on devices refuse a password that carries the time. */
const badMs = 60_000;

/** How a device's clock differs from the server's, and how much that matters. */
export function clockWords(offsetMs: number): { text: string; tone: Tone } {
  const away = Math.abs(offsetMs);
  const tone = away >= badMs ? "alarm" : away >= noticeableMs ? "warn" : "good";
  if (away < 500) return { text: words.clockRight, tone };
  const length =
    away < 10_000
      ? words.seconds(number(away / 1000, 1))
      : away < 120_000
        ? words.seconds(number(away / 1000))
        : away < 7_200_000
          ? words.minutes(number(away / 60_000))
          : words.hours(number(away / 3_600_000));
  return { text: offsetMs > 0 ? words.clockAhead(length) : words.clockBehind(length), tone };
}
