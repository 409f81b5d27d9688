import { expect, test } from "vitest";
import type { Permission } from "@/api/types";
import { allowedPages, pageAt } from "./pages";

const namesFor = (...permissions: Permission[]) => allowedPages((p) => permissions.includes(p)).map((p) => p.name);

test("the rail shows only what an account may open", () => {
  expect(namesFor("cameras.read", "live.view", "recordings.read", "events.read")).toEqual([
    "live",
    "playback",
    "events",
    "search",
    "clips",
    "cameras",
    "sites",
    "settings",
  ]);
  expect(namesFor("recordings.read")).toEqual(["clips", "settings"]);
  expect(namesFor()).toEqual(["settings"]);
});

test("an address below a page is that page's, one that begins alike is not", () => {
  expect(pageAt("/settings/account")?.name).toBe("settings");
  expect(pageAt("/live")?.name).toBe("live");
  expect(pageAt("/lively")).toBeUndefined();
});
