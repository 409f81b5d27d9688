export const layouts = [1, 2, 4, 9, 16] as const;
export type PlaybackLayout = (typeof layouts)[number];

export interface Choice {
  cameras: string[];
  active: number;
}

/** As many tiles as are needed. */
export const layoutOf = (cameras: readonly string[]): PlaybackLayout => layouts.find((l) => l >= cameras.length) ?? 16;

/** Those that so many cameras can fill, and the one that shows them all. */
export const layoutsFor = (cameras: number): PlaybackLayout[] =>
  layouts.filter((_, i) => i === 0 || layouts[i - 1]! < cameras);

/** Another number of tiles: fewer keep the chosen camera, more are filled with those that follow in the list. */
export function withLayout({ cameras, active }: Choice, layout: PlaybackLayout, all: readonly string[]): Choice {
  const chosen = cameras[active] ?? cameras[0]!;
  if (layout === 1) return { cameras: [chosen], active: 0 };
  const from = all.indexOf(cameras.at(-1)!) + 1;
  const more = [...all.slice(from), ...all.slice(0, from)].filter((id) => !cameras.includes(id));
  let kept = [...cameras, ...more].slice(0, layout);
  if (!kept.includes(chosen)) kept = [...kept.slice(0, -1), chosen];
  return { cameras: kept, active: kept.indexOf(chosen) };
}

/** Another camera in the active tile; one that is shown already changes places with it. */
export function withCamera({ cameras, active }: Choice, id: string): Choice {
  const elsewhere = cameras.indexOf(id);
  const next = [...cameras];
  if (elsewhere >= 0) next[elsewhere] = next[active]!;
  next[active] = id;
  return { cameras: next, active };
}
