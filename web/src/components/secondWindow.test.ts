import { afterEach, expect, test, vi } from "vitest";
import { isSecondWindow, openSecondWindow } from "./secondWindow";

const open = vi.spyOn(window, "open").mockReturnValue(null);
const other = { availLeft: 1920, availTop: 0, availWidth: 2560, availHeight: 1400 };

afterEach(() => {
  window.name = "";
  open.mockClear();
  Reflect.deleteProperty(window, "getScreenDetails");
  Reflect.deleteProperty(window.screen, "isExtended");
});

function screensAre(getScreenDetails: () => Promise<object>) {
  Object.defineProperty(window.screen, "isExtended", { value: true, configurable: true });
  Object.defineProperty(window, "getScreenDetails", { value: getScreenDetails, configurable: true });
}

test("a second window knows itself by the name it was opened with", async () => {
  expect(isSecondWindow()).toBe(false);
  await openSecondWindow("/live?layout=4");
  const [address, name, features] = open.mock.calls[0]!;
  expect([address, features]).toEqual(["/live?layout=4", "popup,left=80,top=80,width=1280,height=800"]);
  window.name = String(name);
  expect(isSecondWindow()).toBe(true);
});

test("it fills the other screen where there is one", async () => {
  const current = { availLeft: 0, availTop: 0, availWidth: 1920, availHeight: 1040 };
  screensAre(() => Promise.resolve({ currentScreen: current, screens: [current, other] }));
  await openSecondWindow("/live");
  expect(open.mock.calls[0]![2]).toBe("popup,left=1920,top=0,width=2560,height=1400");
});

test("each window gets a screen of its own, and a screen whose window was closed is taken again", async () => {
  const current = { availLeft: 0, availTop: 0, availWidth: 1920, availHeight: 1040 };
  const third = { availLeft: -1280, availTop: 0, availWidth: 1280, availHeight: 1024 };
  screensAre(() => Promise.resolve({ currentScreen: current, screens: [third, current, other] }));
  const windows = [0, 1, 2].map(() => ({ closed: false }));
  for (const one of windows) open.mockReturnValueOnce(one as Window);
  await openSecondWindow("/live");
  await openSecondWindow("/live");
  windows[1]!.closed = true;
  await openSecondWindow("/live");
  expect(open.mock.calls.map(([, , features]) => /left=(-?\d+)/.exec(features!)![1])).toEqual([
    "-1280",
    "1920",
    "1920",
  ]);
});

test("it opens on this screen where the operator does not let the others be seen", async () => {
  screensAre(() => Promise.reject(new DOMException("refused", "NotAllowedError")));
  await openSecondWindow("/live");
  expect(open.mock.calls[0]![2]).toContain("left=80");
});
