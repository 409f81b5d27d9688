import type { Sound } from "./messages";

/** One tone that glides from one pitch to another. */
export interface Tone {
  atSeconds: number;
  seconds: number;
  fromHz: number;
  toHz: number;
  wave: OscillatorType;
  loudness: number;
}

const sirenSeconds = 0.75;

/** A chime is noticed, a beep calls, a siren wakes. */
export const tonesOf: Record<Sound, readonly Tone[]> = {
  chime: [
    { atSeconds: 0, seconds: 0.9, fromHz: 1318.5, toHz: 1318.5, wave: "sine", loudness: 0.25 },
    { atSeconds: 0.18, seconds: 1.4, fromHz: 1046.5, toHz: 1046.5, wave: "sine", loudness: 0.25 },
  ],
  beep: [0, 0.22, 0.44].map((atSeconds) => ({
    atSeconds,
    seconds: 0.13,
    fromHz: 880,
    toHz: 880,
    wave: "square",
    loudness: 0.12,
  })),
  siren: Array.from({ length: 6 }, (_, i) => ({
    atSeconds: i * sirenSeconds,
    seconds: sirenSeconds,
    fromHz: i % 2 ? 1200 : 600,
    toHz: i % 2 ? 600 : 1200,
    wave: "sawtooth",
    loudness: 0.2,
  })),
};

/** A browser that does not let the page be heard leaves the question open. */
const patienceMs = 250;

let audio: AudioContext | undefined;

/** Whether the page may be heard. Browsers say no until somebody has clicked or typed in it; asked from a click, they say yes. */
export async function mayBeHeard(): Promise<boolean> {
  audio ??= new AudioContext();
  if (audio.state !== "running")
    await Promise.race([audio.resume(), new Promise((done) => setTimeout(done, patienceMs))]);
  return audio.state === "running";
}

/** Is heard where {@link mayBeHeard} is true. */
export function play(sound: Sound): void {
  if (audio?.state !== "running") return;
  const begin = audio.currentTime;
  for (const { atSeconds, seconds, fromHz, toHz, wave, loudness } of tonesOf[sound]) {
    const at = begin + atSeconds;
    const oscillator = new OscillatorNode(audio, { type: wave, frequency: fromHz });
    const gain = new GainNode(audio, { gain: 0 });
    oscillator.frequency.setValueAtTime(fromHz, at);
    oscillator.frequency.linearRampToValueAtTime(toHz, at + seconds);
    // From and to silence: an edge is heard as a click.
    gain.gain.setValueAtTime(0, at);
    gain.gain.linearRampToValueAtTime(loudness, at + 0.01);
    gain.gain.exponentialRampToValueAtTime(0.001, at + seconds);
    oscillator.connect(gain).connect(audio.destination);
    oscillator.start(at);
    oscillator.stop(at + seconds);
  }
}
