import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { afterEach, expect, test, vi } from "vitest";
import { ApiError } from "@/api/problem";
import type { Camera } from "@/api/types";
import { BurnInFields, nothingBurntIn, type BurnInChoice } from "./BurnInFields";

interface Coverage {
  cameraId: string;
  recordedSeconds: number;
  unlookedSeconds: number;
}

let asked: [string, object][] = [];
/** What the server says, one after the other; null: the recorder is away. */
let answers: (Coverage[] | null)[] = [];

vi.mock("@/api/client", () => ({
  api: {
    get: async (path: string, { query }: { query: object }) => {
      asked.push([path, query]);
      const cameras = answers.shift();
      if (!cameras)
        throw new ApiError({ status: 503, code: "planeUnavailable", title: "The recorder is not available" });
      return { cameras };
    },
  },
}));

afterEach(() => {
  cleanup();
  asked = [];
});

const cameras = [
  { id: "c1", name: "Gate" },
  { id: "c2", name: "Door" },
] as Camera[];
const range = { from: Date.UTC(2026, 10, 20, 9), to: Date.UTC(2026, 10, 20, 10) };

const looked = { cameraId: "c1", recordedSeconds: 3600, unlookedSeconds: 0 };

/** The dialog's fields; what was chosen, one after the other. */
function show(...said: (Coverage[] | null)[]) {
  answers = said;
  const chosen: BurnInChoice[] = [];
  function Fields() {
    const [value, setValue] = useState(nothingBurntIn);
    return (
      <BurnInFields
        cameras={cameras}
        range={range}
        value={value}
        onChange={(next) => {
          chosen.push(next);
          setValue(next);
        }}
      />
    );
  }
  render(
    <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
      <Fields />
    </QueryClientProvider>,
  );
  return chosen;
}

async function hideFaces() {
  await userEvent.click(screen.getByLabelText("Hide faces or areas, burn in time or text"));
  await userEvent.click(screen.getByLabelText("Hide faces"));
}

test("faces are hidden when asked for, and nobody asks where people were looked for before that", async () => {
  const chosen = show([looked]);
  await userEvent.click(screen.getByLabelText("Hide faces or areas, burn in time or text"));
  expect(asked).toHaveLength(0);
  await userEvent.click(screen.getByLabelText("Hide faces"));
  expect(chosen.at(-1)).toEqual({ ...nothingBurntIn, faces: true });
  await screen.findByText("People were looked for all the time.");
  expect(asked).toEqual([
    [
      "/api/exports/faces",
      { cameraId: ["c1", "c2"], from: "2026-11-20T09:00:00.000Z", to: "2026-11-20T10:00:00.000Z" },
    ],
  ]);
});

test("of which cameras and of how much of the time faces stay visible is said before the export", async () => {
  show([
    { cameraId: "c1", recordedSeconds: 3600, unlookedSeconds: 722 },
    { cameraId: "c2", recordedSeconds: 1800, unlookedSeconds: 1800 },
  ]);
  await hideFaces();
  const warning = await screen.findByRole("alert");
  expect(warning.textContent).toContain("Gate: 13 min of 1 h recorded");
  expect(warning.textContent).toContain("Door: all the time");
  expect(screen.queryByText("People were looked for all the time.")).toBeNull();
});

test("that it is not known is said, and asked again", async () => {
  show(null, [looked]);
  await hideFaces();
  expect((await screen.findByRole("alert")).textContent).toContain("is not known now");
  await userEvent.click(screen.getByRole("button", { name: "Ask again" }));
  await screen.findByText("People were looked for all the time.");
  expect(asked).toHaveLength(2);
});

test("of a time of which nothing is recorded nobody is told that people were looked for", async () => {
  show([{ ...looked, recordedSeconds: 0 }]);
  await hideFaces();
  await waitFor(() => expect(screen.queryByText("Asking where people were looked for…")).toBeNull());
  expect(asked).toHaveLength(1);
  expect(screen.queryByText("People were looked for all the time.")).toBeNull();
});
