import { renderHook } from "@testing-library/react";
import { expect, test } from "vitest";
import { ifMatch, useFirst } from "./version";

test("a version is quoted as HTTP wants it; what has none is changed whatever it is", () => {
  expect(ifMatch("a1")).toEqual({ ifMatch: '"a1"' });
  expect(ifMatch(7)).toEqual({ ifMatch: '"7"' });
  expect(ifMatch(undefined)).toEqual({});
});

test("the version that counts is the one that was there at first, also where it came late", () => {
  const { result, rerender } = renderHook(({ version }: { version: string | undefined }) => useFirst(version), {
    initialProps: { version: undefined as string | undefined },
  });
  expect(result.current).toBeUndefined();
  rerender({ version: "1" });
  rerender({ version: "2" });
  expect(result.current).toBe("1");
});
