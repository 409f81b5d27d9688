import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeAll, expect, test, vi } from "vitest";
import { Paged, type Pages } from "./Paged";

beforeAll(() =>
  vi.stubGlobal(
    "IntersectionObserver",
    class {
      observe() {}
      disconnect() {}
    },
  ),
);
afterEach(cleanup);

const read: Pages = {
  isPending: false,
  isError: false,
  isLoadingError: false,
  error: null,
  hasNextPage: false,
  isFetchingNextPage: false,
  isFetchNextPageError: false,
  refetch: () => undefined,
  fetchNextPage: () => undefined,
};

const show = (pages: Partial<Pages>, isEmpty: boolean) =>
  render(
    <Paged pages={{ ...read, ...pages }} isEmpty={isEmpty} what="the events" skeleton="skeleton" empty="empty">
      list
    </Paged>,
  ).container.textContent;

test("while it is read, when there is nothing, and when there is something", () => {
  expect(show({ isPending: true }, true)).toBe("skeleton");
  expect(show({}, true)).toBe("empty");
  expect(show({}, false)).toBe("list");
});

test("what could not be read is said, also below what came another way, and tried again", async () => {
  const refetch = vi.fn();
  const failed = { isError: true, isLoadingError: true, error: new Error("no way"), refetch };
  expect(show(failed, true)).toContain("The events could not be loaded");
  cleanup();
  expect(show(failed, false)).toMatch(/^list.*The events could not be loaded/);
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(refetch).toHaveBeenCalledOnce();
});

test("there is more, and where that failed the list stays", () => {
  expect(show({ hasNextPage: true }, false)).toBe("listShow more");
  cleanup();
  const failed = { hasNextPage: true, isError: true, isFetchNextPageError: true, error: new Error("no way") };
  expect(show(failed, false)).toBe("listno wayTry again");
});
