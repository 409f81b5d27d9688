import { expect, test } from "vitest";
import type { GetTreeCameraNode, GetTreeTenantNode } from "@/api/tree";
import { inverse, moved, moveOf, type Move } from "./moves";
import { countOf, nodesOf, type Node } from "./nodes";

const camera = (id: string, groupIds: string[] = [], state = "online"): GetTreeCameraNode => ({
  id,
  name: id,
  enabled: true,
  state,
  stateReason: null,
  recordingState: "recording",
  groupIds,
});

const tree: GetTreeTenantNode = {
  id: "default",
  name: "All",
  sites: [
    {
      id: "north",
      name: "North",
      cameras: [camera("gate", ["outdoors", "gates"]), camera("yard", ["outdoors"], "offline")],
    },
    { id: "south", name: "South", cameras: [camera("vault")] },
  ],
  groups: [
    {
      id: "outdoors",
      name: "Outdoors",
      cameraIds: ["gate", "yard"],
      groups: [{ id: "gates", name: "Gates", cameraIds: ["gate"], groups: [] }],
    },
    { id: "indoors", name: "Indoors", cameraIds: [], groups: [] },
  ],
};

const lines = (of: GetTreeTenantNode, view: "sites" | "groups", closed: string[] = []) =>
  nodesOf(of, view, new Set(closed));
const line = (view: "sites" | "groups", key: string): Node => lines(tree, view).find((n) => n.key === key)!;
const names = (nodes: Node[]) => nodes.map((n) => `${"  ".repeat(n.level - 1)}${n.name}`);

test("the tree has cameras at their site, and in every group that they are in", () => {
  expect(names(lines(tree, "sites"))).toEqual(["North", "  gate", "  yard", "South", "  vault"]);
  expect(names(lines(tree, "groups"))).toEqual(["Outdoors", "  Gates", "    gate", "  gate", "  yard", "Indoors"]);
  expect(names(lines(tree, "groups", ["group:outdoors"]))).toEqual(["Outdoors", "Indoors"]);
});

test("a camera that stands in a group and in one within it counts once", () => {
  expect(countOf(line("groups", "group:outdoors").cameras)).toEqual({ all: 2, bad: 1 });
});

test.each<[string, Node, Node | null, Move | null]>([
  [
    "a camera onto another site moves there",
    line("sites", "site:north/camera:gate"),
    line("sites", "site:south"),
    { kind: "site", camera: "gate", from: "north", to: "south" },
  ],
  ["a camera onto its own site stays", line("sites", "site:north/camera:gate"), line("sites", "site:north"), null],
  [
    "a camera onto a camera goes where that one is",
    line("sites", "site:north/camera:gate"),
    line("sites", "site:south/camera:vault"),
    { kind: "site", camera: "gate", from: "north", to: "south" },
  ],
  [
    "a camera from its site onto a group is in that, too",
    line("sites", "site:north/camera:gate"),
    line("groups", "group:indoors"),
    { kind: "groups", camera: "gate", from: ["outdoors", "gates"], to: ["outdoors", "gates", "indoors"] },
  ],
  [
    "a camera from one group onto another leaves the first",
    line("groups", "group:gates/camera:gate"),
    line("groups", "group:indoors"),
    { kind: "groups", camera: "gate", from: ["outdoors", "gates"], to: ["outdoors", "indoors"] },
  ],
  [
    "a group onto the empty space goes to the top",
    line("groups", "group:gates"),
    null,
    { kind: "parent", group: "gates", from: "outdoors", to: null },
  ],
  ["a group goes into none that is within it", line("groups", "group:outdoors"), line("groups", "group:gates"), null],
  ["a site does not move", line("sites", "site:north"), line("sites", "site:south"), null],
])("%s", (_, dragged, target, expected) => expect(moveOf(tree, dragged, target)).toEqual(expected));

test.each<[Move, "sites" | "groups", string[]]>([
  [
    { kind: "site", camera: "gate", from: "north", to: "south" },
    "sites",
    ["North", "  yard", "South", "  gate", "  vault"],
  ],
  [
    { kind: "groups", camera: "gate", from: ["outdoors", "gates"], to: ["indoors"] },
    "groups",
    ["Outdoors", "  Gates", "  yard", "Indoors", "  gate"],
  ],
  [
    { kind: "parent", group: "gates", from: "outdoors", to: null },
    "groups",
    ["Gates", "  gate", "Indoors", "Outdoors", "  gate", "  yard"],
  ],
])("a move is shown at once, and undone: %j", (move, view, expected) => {
  const after = moved(tree, move);
  expect(names(lines(after, view))).toEqual(expected);
  const back = moved(after, inverse(move));
  expect([...names(lines(back, view))].sort()).toEqual([...names(lines(tree, view))].sort());
});
