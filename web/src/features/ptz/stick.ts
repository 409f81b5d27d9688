import type { PtzVector } from "@/api/ptz";

/** Around the middle a hand that rests is no wish. */
const deadZone = 0.12;

const rounded = (value: number) => Math.round(value * 100) / 100 || 0;

/**
 * How fast it pans and tilts for a stick that is pulled from its middle.
 * @param right in pixels
 * @param down in pixels
 * @param radius at which it is at full speed, in pixels
 */
export function stickVector(right: number, down: number, radius: number): PtzVector {
  const pulled = Math.hypot(right, down) / radius;
  if (pulled < deadZone) return { pan: 0, tilt: 0, zoom: 0 };
  // Finely near the middle: what is far away needs small movements.
  const speed = Math.min(1, (pulled - deadZone) / (1 - deadZone)) ** 1.6;
  const length = Math.hypot(right, down);
  return { pan: rounded((speed * right) / length), tilt: rounded((speed * -down) / length), zoom: 0 };
}

/** Half the speed: a key has no way to say how fast. */
const keySpeed = 0.5;

const directions: Readonly<Record<string, PtzVector>> = {
  ArrowLeft: { pan: -keySpeed, tilt: 0, zoom: 0 },
  ArrowRight: { pan: keySpeed, tilt: 0, zoom: 0 },
  ArrowUp: { pan: 0, tilt: keySpeed, zoom: 0 },
  ArrowDown: { pan: 0, tilt: -keySpeed, zoom: 0 },
  "+": { pan: 0, tilt: 0, zoom: keySpeed },
  "=": { pan: 0, tilt: 0, zoom: keySpeed },
  "-": { pan: 0, tilt: 0, zoom: -keySpeed },
};

export const isSteeringKey = (key: string) => Object.hasOwn(directions, key);

/** All keys that are held together; null when none of them steers. With Shift at full speed. */
export function keysVector(keys: ReadonlySet<string>, fast: boolean): PtzVector | null {
  const held = [...keys].filter(isSteeringKey).map((key) => directions[key]!);
  if (held.length === 0) return null;
  const factor = fast ? 1 / keySpeed : 1;
  const sum = (of: keyof PtzVector) => {
    const value = held.reduce((total, v) => total + v[of], 0) * factor;
    return Math.min(1, Math.max(-1, value)) || 0;
  };
  return { pan: sum("pan"), tilt: sum("tilt"), zoom: sum("zoom") };
}
