import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { PictureAim } from "./PictureAim";

let failing = true;
const sent: [string, unknown][] = [];

vi.mock("@/api/client", () => ({
  api: {
    post: async (path: string, options: unknown) => {
      if (failing) throw new Error("The camera does not answer");
      sent.push([path, options]);
    },
  },
}));

afterEach(cleanup);

test("why a click did not turn the camera is said until one does", async () => {
  // Not in jsdom.
  Element.prototype.setPointerCapture = () => {};
  const told: (string | null)[] = [];
  const video = document.createElement("video");
  Object.defineProperties(video, { videoWidth: { value: 1600 }, videoHeight: { value: 900 } });
  render(<PictureAim cameraId="c1" video={{ current: video }} onProblem={(message) => told.push(message)} />);
  const picture = screen.getByTestId("aim");
  Object.defineProperties(picture, { clientWidth: { value: 160 }, clientHeight: { value: 90 } });
  const click = () => {
    for (const type of ["pointerdown", "pointerup"])
      fireEvent(picture, new MouseEvent(type, { bubbles: true, clientX: 40, clientY: 40, button: 0 }));
  };
  click();
  await waitFor(() => expect(told).toEqual(["The camera does not answer"]));
  failing = false;
  click();
  await waitFor(() => expect(told).toEqual(["The camera does not answer", null]));
  expect(sent).toEqual([
    ["/api/cameras/{id}/ptz/centre", { path: { id: "c1" }, body: { x: 0.25, y: expect.closeTo(4 / 9) } }],
  ]);
});
