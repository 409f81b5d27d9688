import { expect, test } from "vitest";
import type { Permission } from "@/api/types";
import { allowedPages, pageAt, pages } from "./pages";

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

test("a phone's rail has what is looked at most; all else is in the account's menu", () => {
  const [rail, menu] = [false, true].map((wide) => pages.filter((p) => (p.wideOnly ?? false) === wide));
  expect(rail?.map((p) => p.name)).toEqual(["live", "playback", "events", "search", "cameras", "health"]);
  expect(menu?.map((p) => p.name)).toEqual(["clips", "exports", "sites", "settings"]);
});
