import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Still } from "./Still";

let ticket: string | null = "one";
vi.mock("@/api/recordedPictures", async (original) => ({
  ...(await original<object>()),
  usePictureTicket: () => ticket,
}));

beforeEach(() => (ticket = "one"));
afterEach(cleanup);

const still = (takenUrl: string | null = "/taken.jpg?v=1") => (
  <Still
    cameraId="gate"
    at="2026-12-01T08:00:00.000Z"
    takenUrl={takenUrl}
    alt="Gate"
    marks={(source) => <p>marks of {source}</p>}
    caption={(source) => source}
    none={<p>nothing</p>}
  />
);
const picture = () => screen.getByRole("img");

test("where the still is gone, the picture of that time is made of what is recorded", () => {
  render(still());
  expect(picture().getAttribute("src")).toBe("/taken.jpg?v=1&ticket=one");
  expect(screen.getByText("taken")).toBeTruthy();
  fireEvent.error(picture());
  expect(picture().getAttribute("src")).toContain("/api/cameras/gate/snapshot.jpg?at=2026-12-01T08:00:00.000Z");
  expect(screen.getByText("made")).toBeTruthy();
  fireEvent.error(picture());
  expect(screen.getByText("nothing")).toBeTruthy();
});

test("marks lie over a picture, not over nothing", () => {
  render(still());
  expect(screen.queryByText(/marks/)).toBeNull();
  fireEvent.load(picture());
  expect(screen.getByText("marks of taken")).toBeTruthy();
});

test("what failed with a ticket that had run out is tried again with the next one", () => {
  const { rerender } = render(still());
  fireEvent.error(picture());
  fireEvent.error(picture());
  expect(screen.getByText("nothing")).toBeTruthy();
  ticket = "two";
  rerender(still());
  expect(picture().getAttribute("src")).toBe("/taken.jpg?v=1&ticket=two");
});

test("a still that is taken later is shown, though nothing was recorded of that time", () => {
  const { rerender } = render(still(null));
  fireEvent.error(picture());
  expect(screen.getByText("nothing")).toBeTruthy();
  rerender(still());
  expect(picture().getAttribute("src")).toBe("/taken.jpg?v=1&ticket=one");
});

test("nothing is asked for without a ticket", () => {
  ticket = null;
  render(still());
  expect(screen.queryByRole("img")).toBeNull();
});
