/** The server's clock as seen from here: how old a picture is must not depend on how well the viewer's computer keeps time. */

/** Of the last answers, the one that took least time on its way is the most exact. */
const remembered = 12;
/** Clocks part by so much within a minute at the most. */
const toleratedMs = 50;
/** An answer is exact to half the time it took. */
const fastMs = 60;
/** So many answers from a server that is far away will do, too. */
const enough = 4;

interface Sample {
  /** Server time minus our monotonic time, milliseconds. */
  offset: number;
  roundTrip: number;
}

let samples: Sample[] = [];

/** @param sentAt @param receivedAt Of the request, by `performance.now()`. */
export function noteServerTime(time: string, sentAt: number, receivedAt: number): void {
  const server = Date.parse(time);
  if (Number.isNaN(server)) return;
  const roundTrip = receivedAt - sentAt;
  const offset = server + roundTrip / 2 - receivedAt;
  // This computer slept, or the server's clock was set: what is older says nothing any more.
  samples = samples.filter(
    (known) => Math.abs(known.offset - offset) <= (known.roundTrip + roundTrip) / 2 + toleratedMs,
  );
  samples = [...samples.slice(1 - remembered), { offset, roundTrip }];
}

/** Unix milliseconds on the server; null before that is known well enough. */
export function serverNow(): number | null {
  return isServerTimeKnown() ? performance.now() + fastest()!.offset : null;
}

/** An answer was fast, or so many were asked for that none will be. A page that has just begun notices its first answers late. */
export function isServerTimeKnown(): boolean {
  const best = fastest();
  return best !== null && (best.roundTrip <= fastMs || samples.length >= enough);
}

function fastest(): Sample | null {
  return samples.reduce<Sample | null>((best, s) => (best === null || s.roundTrip < best.roundTrip ? s : best), null);
}
