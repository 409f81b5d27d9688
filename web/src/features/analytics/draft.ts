import type { Analytics, AnalyticsInput, Line, Zone } from "@/api/analytics";
import { fewest, spotsOf, type Form, type Spot } from "./geometry";

/** What is being set up; as the server has it until something is changed. */
export type Draft = Omit<Analytics, "state">;

export const kinds = ["zone", "line", "mask"] as const;
export type Kind = (typeof kinds)[number];

export const formOf: Record<Kind, Form> = { zone: "polygon", line: "line", mask: "polygon" };

/** The server takes no more of each. */
export const atMost: Record<Kind, number> = { zone: 32, line: 32, mask: 16 };

/** One shape on the picture. */
export interface Shape {
  /** Of a mask, which has none: its place in the list. */
  id: string;
  kind: Kind;
  /** Masks have none. */
  name: string | null;
  spots: Spot[];
}

const maskId = (index: number) => `mask-${index + 1}`;

export function shapesOf({ zones, lines, motion }: Draft): Shape[] {
  return [
    ...motion.masks.map((m, i): Shape => ({ id: maskId(i), kind: "mask", name: null, spots: spotsOf(m) })),
    ...zones.map((z): Shape => ({ id: z.id, kind: "zone", name: z.name, spots: spotsOf(z.polygon) })),
    ...lines.map((l): Shape => ({ id: l.id, kind: "line", name: l.name, spots: spotsOf(l.points) })),
  ];
}

const mutable = (spots: readonly Spot[]): number[][] => spots.map((s) => [...s]);

/** The same, one of its shapes drawn otherwise. */
export function withSpots(draft: Draft, { id, kind }: Pick<Shape, "id" | "kind">, spots: readonly Spot[]): Draft {
  const points = mutable(spots);
  switch (kind) {
    case "zone":
      return withZone(draft, id, { polygon: points });
    case "line":
      return withLine(draft, id, { points });
    case "mask":
      return withMasks(
        draft,
        draft.motion.masks.map((m, i) => (maskId(i) === id ? points : m)),
      );
  }
}

export const withZone = (draft: Draft, id: string, change: Partial<Zone>): Draft => ({
  ...draft,
  zones: draft.zones.map((z) => (z.id === id ? { ...z, ...change } : z)),
});

export const withLine = (draft: Draft, id: string, change: Partial<Line>): Draft => ({
  ...draft,
  lines: draft.lines.map((l) => (l.id === id ? { ...l, ...change } : l)),
});

const withMasks = (draft: Draft, masks: Draft["motion"]["masks"]): Draft => ({
  ...draft,
  motion: { ...draft.motion, masks },
});

/**
 * One more shape.
 * @param name of a zone or line
 * @param id that no other has
 */
export function withShape(draft: Draft, kind: Kind, spots: readonly Spot[], name: string, id: string): [Draft, string] {
  const points = mutable(spots);
  const anyTime = { classes: [], minConfidence: null, presets: [], schedule: null };
  switch (kind) {
    case "zone": {
      const zone: Zone = { id, name, polygon: points, loiterSeconds: 10, events: ["entered", "left"], ...anyTime };
      return [{ ...draft, zones: [...draft.zones, zone] }, id];
    }
    case "line": {
      const line: Line = { id, name, points, direction: "both", ...anyTime };
      return [{ ...draft, lines: [...draft.lines, line] }, id];
    }
    case "mask":
      return [withMasks(draft, [...draft.motion.masks, points]), maskId(draft.motion.masks.length)];
  }
}

export function withoutShape(draft: Draft, { id, kind }: Pick<Shape, "id" | "kind">): Draft {
  switch (kind) {
    case "zone":
      return { ...draft, zones: draft.zones.filter((z) => z.id !== id) };
    case "line":
      return { ...draft, lines: draft.lines.filter((l) => l.id !== id) };
    case "mask":
      return withMasks(
        draft,
        draft.motion.masks.filter((_, i) => maskId(i) !== id),
      );
  }
}

/** "Zone 3": the first number that is free. */
export function freeName(draft: Draft, kind: Kind, named: (n: number) => string): string {
  const taken = new Set(shapesOf(draft).flatMap((s) => (s.kind === kind && s.name ? [s.name] : [])));
  let n = 1;
  while (taken.has(named(n))) n++;
  return named(n);
}

/** Where a shape is put that nobody draws: in the middle, to be moved from there. */
export const startingSpots: Record<Form, Spot[]> = {
  polygon: [
    [0.35, 0.35],
    [0.65, 0.35],
    [0.65, 0.65],
    [0.35, 0.65],
  ],
  line: [
    [0.3, 0.5],
    [0.7, 0.5],
  ],
};

export const isDrawn = (spots: readonly Spot[], kind: Kind) => spots.length >= fewest[formOf[kind]];

export function draftOf(analytics: Analytics): Draft {
  const draft: Partial<Analytics> = { ...analytics };
  delete draft.state;
  return draft as Draft;
}

/** As `PATCH` takes it: all of it, since lists are replaced as a whole. Nothing is followed from a score on that is above the one it is told at. */
export const inputOf = (draft: Draft): AnalyticsInput => ({
  ...draft,
  trackConfidence: Math.min(draft.trackConfidence, draft.minConfidence),
});

/** The same with one zone or line alone, as it is tried. */
export const inputOfOne = (draft: Draft, { id, kind }: Pick<Shape, "id" | "kind">): AnalyticsInput =>
  inputOf({
    ...draft,
    zones: draft.zones.filter((z) => kind === "zone" && z.id === id),
    lines: draft.lines.filter((l) => kind === "line" && l.id === id),
  });

/** They say the same. The order of members is the server's in both. */
export const isSame = (a: Draft, b: Draft): boolean => JSON.stringify(a) === JSON.stringify(b);
