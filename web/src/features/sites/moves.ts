import type { GetTreeCameraNode, GetTreeGroupNode, GetTreeTenantNode } from "@/api/tree";
import { groupsOf } from "@/api/tree";
import type { Node } from "./nodes";

/** Something stands elsewhere from now on. */
export type Move =
  | { kind: "site"; camera: string; from: string; to: string }
  | { kind: "groups"; camera: string; from: readonly string[]; to: readonly string[] }
  | { kind: "parent"; group: string; from: string | null; to: string | null };

/** As it was before. */
export const inverse = (move: Move): Move => ({ ...move, from: move.to, to: move.from }) as Move;

/**
 * What it means to put one line of the tree onto another; null where it means nothing.
 * @param target null: the empty space, which is the top
 */
export function moveOf(tree: GetTreeTenantNode, dragged: Node, target: Node | null): Move | null {
  if (dragged.kind === "group") return moveOfGroup(tree, dragged.id, target);
  if (dragged.kind === "site" || !target) return null;
  // Onto a camera is into what it stands in.
  const place = target.kind === "camera" ? target.parent : target;
  if (place?.kind === "site") {
    const from = siteOf(tree, dragged.id);
    return from && from !== place.id ? { kind: "site", camera: dragged.id, from, to: place.id } : null;
  }
  if (place?.kind !== "group") return null;
  const from = groupIdsOf(tree, dragged.id);
  if (from.includes(place.id)) return null;
  // From one group into another it moves; from its site it is added.
  const left = dragged.parent?.kind === "group" ? from.filter((id) => id !== dragged.parent!.id) : from;
  return { kind: "groups", camera: dragged.id, from, to: [...left, place.id] };
}

function moveOfGroup(tree: GetTreeTenantNode, id: string, target: Node | null): Move | null {
  if (target && target.kind !== "group") return null;
  const to = target?.id ?? null;
  const from = parentOf(tree.groups, id);
  // Not into itself, nor into what is within it.
  const own = [...groupsOf(tree.groups)].find(({ group }) => group.id === id)?.group;
  const within = own ? [...groupsOf([own])].map(({ group }) => group.id) : [];
  return from === to || (to !== null && within.includes(to)) ? null : { kind: "parent", group: id, from, to };
}

function parentOf(groups: readonly GetTreeGroupNode[], id: string): string | null {
  for (const { group } of groupsOf(groups)) if (group.groups.some((g) => g.id === id)) return group.id;
  return null;
}

export const siteOf = (tree: GetTreeTenantNode, camera: string): string | undefined =>
  tree.sites.find((s) => s.cameras.some((c) => c.id === camera))?.id;

const cameraOf = (tree: GetTreeTenantNode, id: string): GetTreeCameraNode | undefined =>
  tree.sites.flatMap((s) => s.cameras).find((c) => c.id === id);

export const groupIdsOf = (tree: GetTreeTenantNode, camera: string): readonly string[] =>
  cameraOf(tree, camera)?.groupIds ?? [];

/** The tree as it is after the move: it is shown at once, before the server has answered. */
export function moved(tree: GetTreeTenantNode, move: Move): GetTreeTenantNode {
  switch (move.kind) {
    case "site": {
      const camera = cameraOf(tree, move.camera);
      if (!camera) return tree;
      return {
        ...tree,
        sites: tree.sites.map((site) => {
          const others = site.cameras.filter((c) => c.id !== move.camera);
          return { ...site, cameras: site.id === move.to ? byName([...others, camera]) : others };
        }),
      };
    }
    case "groups": {
      const place = (groups: readonly GetTreeGroupNode[]): GetTreeGroupNode[] =>
        groups.map((group) => {
          const others = group.cameraIds.filter((id) => id !== move.camera);
          return {
            ...group,
            groups: place(group.groups),
            cameraIds: move.to.includes(group.id) ? [...others, move.camera] : others,
          };
        });
      return {
        ...tree,
        groups: place(tree.groups),
        sites: tree.sites.map((site) => ({
          ...site,
          cameras: site.cameras.map((c) => (c.id === move.camera ? { ...c, groupIds: [...move.to] } : c)),
        })),
      };
    }
    case "parent": {
      const own = [...groupsOf(tree.groups)].find(({ group }) => group.id === move.group)?.group;
      if (!own) return tree;
      const without = (groups: readonly GetTreeGroupNode[]): GetTreeGroupNode[] =>
        groups.filter((g) => g.id !== move.group).map((g) => ({ ...g, groups: without(g.groups) }));
      const into = (groups: readonly GetTreeGroupNode[]): GetTreeGroupNode[] =>
        groups.map((g) => ({ ...g, groups: g.id === move.to ? byName([...g.groups, own]) : into(g.groups) }));
      const rest = without(tree.groups);
      return { ...tree, groups: move.to === null ? byName([...rest, own]) : into(rest) };
    }
  }
}

const byName = <T extends { name: string }>(items: T[]): T[] =>
  items.sort((a, b) => a.name.localeCompare(b.name, undefined, { sensitivity: "base" }));
