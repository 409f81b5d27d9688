/** Kinds of events as people tell them apart; each stands for the types of it. A test holds it against the words. */
export const kinds = {
  objects: ["object.*"],
  lines: ["line.*"],
  zones: ["zone.*"],
  plates: ["plate.*"],
  motion: ["motion"],
  reports: ["sound.*", "scene.*", "input.*", "rule.*"],
  cameras: ["camera.*"],
  recording: ["recording.*", "retention.*", "storage.*"],
  system: ["system.*"],
} as const satisfies Record<string, readonly string[]>;

export type Kind = keyof typeof kinds;
export const kindNames = Object.keys(kinds) as Kind[];

export const hasKind = (types: readonly string[], kind: Kind): boolean => kinds[kind].every((t) => types.includes(t));

export function withKind(types: readonly string[], kind: Kind, wanted: boolean): string[] {
  const of: readonly string[] = kinds[kind];
  const others = types.filter((t) => !of.includes(t));
  return wanted ? [...others, ...of] : others;
}

/** What another program has set: no kind of this page stands for it. */
export function otherTypes(types: readonly string[]): string[] {
  const known = new Set<string>(kindNames.filter((k) => hasKind(types, k)).flatMap((k) => kinds[k]));
  return types.filter((t) => !known.has(t));
}
