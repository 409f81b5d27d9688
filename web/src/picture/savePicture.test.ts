import { describe, expect, it } from "vitest";
import { fileName } from "./savePicture";

describe("name of a saved picture", () => {
  const at = new Date(2026, 10, 29, 8, 5, 3);

  it("says camera and local time", () => {
    expect(fileName("Entrance", at)).toBe("Entrance 2026-11-29 08-05-03.jpg");
  });

  it("leaves out what file systems do not take", () => {
    expect(fileName('Dock 4/5: "north"', at)).toBe("Dock 4 5   north 2026-11-29 08-05-03.jpg");
    expect(fileName("///", at)).toBe("Camera 2026-11-29 08-05-03.jpg");
  });
});
