import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { afterEach, expect, test } from "vitest";
import { filled, put, tileAt, type Arrangement } from "./arrangement";
import { TileGrid } from "./TileGrid";

afterEach(cleanup);

/** The grid as somebody uses it; returns what the wall is now. */
function arrange(begin: Arrangement): () => Arrangement {
  let last = begin;
  function Editor() {
    const [wall, setWall] = useState(begin);
    const [chosen, setChosen] = useState({ x: 0, y: 0 });
    last = wall;
    return (
      <TileGrid
        wall={wall}
        cameras={[]}
        chosen={chosen}
        onChoose={setChosen}
        onPut={(x, y, id) => setWall(put(wall, x, y, id))}
        onChange={(next) => next && setWall(next)}
      />
    );
  }
  render(
    <QueryClientProvider client={new QueryClient()}>
      <Editor />
    </QueryClientProvider>,
  );
  return () => last;
}

test("a tile is merged with its neighbours by keys, and emptied", async () => {
  const wall = arrange(filled(3, 2, ["a"]));
  await userEvent.tab();
  await userEvent.keyboard("{Shift>}{ArrowRight}{ArrowDown}{/Shift}");
  expect(tileAt(wall(), 0, 0)).toMatchObject({ width: 2, height: 2, cameraId: "a" });
  expect(screen.getAllByRole("button")).toHaveLength(3);
  await userEvent.keyboard("{ArrowRight}");
  expect(document.activeElement?.getAttribute("aria-label")).toBe("Tile in column 3, row 1: empty");
  await userEvent.keyboard("{ArrowLeft}{Delete}");
  expect(tileAt(wall(), 1, 1)).toMatchObject({ width: 2, height: 2, cameraId: null });
});
