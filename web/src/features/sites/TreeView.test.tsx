import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";
import type { GetTreeTenantNode } from "@/api/tree";
import { TreeView } from "./TreeView";

afterEach(cleanup);

const camera = (id: string) => ({
  id,
  name: id,
  enabled: true,
  state: "online",
  stateReason: null,
  recordingState: "off",
  groupIds: [],
});

const tree: GetTreeTenantNode = {
  id: "default",
  name: "All",
  sites: [
    { id: "north", name: "North", cameras: [camera("gate"), camera("yard")] },
    { id: "south", name: "South", cameras: [] },
  ],
  groups: [],
};

function show() {
  const [onAskMove, onMove] = [vi.fn(), vi.fn()];
  render(
    <TreeView
      tree={tree}
      view="sites"
      mayDrag
      mayMove={() => true}
      onMove={onMove}
      onAskMove={onAskMove}
      actionsOf={() => []}
    />,
  );
  return { onAskMove, onMove };
}

const shown = () => screen.getAllByRole("treeitem").map((item) => item.getAttribute("aria-label")?.split(",")[0]);
const focused = () => document.activeElement?.getAttribute("aria-label")?.split(",")[0];

test("one line of the tree is reached by Tab, the others by arrows", async () => {
  show();
  await userEvent.tab();
  expect(focused()).toBe("North");
  await userEvent.keyboard("{ArrowDown}{ArrowDown}");
  expect(focused()).toBe("yard");
  await userEvent.keyboard("{ArrowLeft}");
  expect(focused()).toBe("North");
  await userEvent.keyboard("{End}");
  expect(focused()).toBe("South");
  expect(screen.getAllByRole("treeitem").filter((item) => item.tabIndex === 0)).toHaveLength(1);
});

test("a site closes and opens by arrows, and says so", async () => {
  show();
  await userEvent.tab();
  expect(shown()).toEqual(["North", "gate", "yard", "South"]);
  await userEvent.keyboard("{ArrowLeft}");
  expect(shown()).toEqual(["North", "South"]);
  expect(screen.getByRole("treeitem", { name: /North/ }).getAttribute("aria-expanded")).toBe("false");
  await userEvent.keyboard("{ArrowRight}");
  expect(shown()).toEqual(["North", "gate", "yard", "South"]);
});

test("M asks where the camera in focus shall go", async () => {
  const { onAskMove } = show();
  await userEvent.tab();
  await userEvent.keyboard("{ArrowDown}m");
  expect(onAskMove).toHaveBeenCalledWith(expect.objectContaining({ kind: "camera", id: "gate" }));
});

test("a camera that is dragged onto another site, or a camera of it, goes there; onto its own it stays", () => {
  const { onMove } = show();
  const line = (name: RegExp) => screen.getByRole("treeitem", { name });
  const drag = (from: RegExp, to: RegExp) => {
    fireEvent.dragStart(line(from));
    fireEvent.dragOver(line(to));
    fireEvent.drop(line(to));
    fireEvent.dragEnd(line(from));
  };
  drag(/gate/, /North/);
  expect(onMove).not.toHaveBeenCalled();
  drag(/gate/, /South/);
  expect(onMove).toHaveBeenCalledWith({ kind: "site", camera: "gate", from: "north", to: "south" });
  expect(line(/North/).draggable).toBe(false);
});
