import type { GetTreeCameraNode, GetTreeGroupNode, GetTreeTenantNode } from "@/api/tree";

/** The tree is seen in two ways: cameras where they hang, or by what they are for. */
export type View = "sites" | "groups";

/** A line of the tree. */
export interface Node {
  /** Unlike any other's of the tree: a camera may stand in several groups. */
  key: string;
  kind: "site" | "group" | "camera";
  id: string;
  name: string;
  /** From 1, as `aria-level` counts. */
  level: number;
  /** Null at the top. */
  parent: Node | null;
  /** Sites and groups: all cameras below, each once. A camera: itself. */
  cameras: readonly GetTreeCameraNode[];
  hasChildren: boolean;
}

/** Every line that is seen, from above to below. */
export function nodesOf(tree: GetTreeTenantNode, view: View, closed: ReadonlySet<string>): Node[] {
  const nodes: Node[] = [];
  const cameras = new Map(tree.sites.flatMap((s) => s.cameras.map((c) => [c.id, c])));
  const add = (node: Node, children: () => void) => {
    nodes.push(node);
    if (!closed.has(node.key)) children();
  };
  const addCamera = (camera: GetTreeCameraNode, parent: Node) =>
    nodes.push({
      key: `${parent.key}/camera:${camera.id}`,
      kind: "camera",
      id: camera.id,
      name: camera.name,
      level: parent.level + 1,
      parent,
      cameras: [camera],
      hasChildren: false,
    });
  const addGroup = (group: GetTreeGroupNode, parent: Node | null) => {
    const node: Node = {
      key: `group:${group.id}`,
      kind: "group",
      id: group.id,
      name: group.name,
      level: (parent?.level ?? 0) + 1,
      parent,
      cameras: [...new Set(idsBelow(group))].flatMap((id) => cameras.get(id) ?? []),
      hasChildren: group.groups.length + group.cameraIds.length > 0,
    };
    add(node, () => {
      for (const inner of group.groups) addGroup(inner, node);
      for (const id of group.cameraIds) if (cameras.has(id)) addCamera(cameras.get(id)!, node);
    });
  };
  if (view === "groups") for (const group of tree.groups) addGroup(group, null);
  else
    for (const site of tree.sites) {
      const node: Node = {
        key: `site:${site.id}`,
        kind: "site",
        id: site.id,
        name: site.name,
        level: 1,
        parent: null,
        cameras: site.cameras,
        hasChildren: site.cameras.length > 0,
      };
      add(node, () => site.cameras.forEach((camera) => addCamera(camera, node)));
    }
  return nodes;
}

function idsBelow(group: GetTreeGroupNode): string[] {
  return [...group.cameraIds, ...group.groups.flatMap(idsBelow)];
}

const bad: ReadonlySet<string> = new Set(["offline", "unauthorized", "unsupported"]);

/** How many there are, and how many of those need somebody. */
export function countOf(cameras: readonly GetTreeCameraNode[]): { all: number; bad: number } {
  return { all: cameras.length, bad: cameras.filter((c) => bad.has(c.state)).length };
}
