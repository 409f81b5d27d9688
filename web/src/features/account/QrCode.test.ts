import { expect, test } from "vitest";
import { modulesOf } from "./QrCode";

test("an address of a second factor is a code with its three corners", () => {
  const { size, path } = modulesOf("otpauth://totp/VMS:admin?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=VMS");
  const dark = new Set([...path.matchAll(/M(\d+) (\d+)/g)].map((m) => `${m[1]},${m[2]}`));
  // Finder patterns (ISO/IEC 18004, 6.3.3): a dark ring, a light one, three by three dark.
  for (const [x, y] of [
    [0, 0],
    [size - 7, 0],
    [0, size - 7],
  ] as const) {
    const row = (at: number) => Array.from({ length: 7 }, (_, i) => (dark.has(`${x + i},${y + at}`) ? "#" : "."));
    expect(row(0).join("")).toBe("#######");
    expect(row(1).join("")).toBe("#.....#");
    expect(row(3).join("")).toBe("#.###.#");
  }
  expect((size - 17) % 4).toBe(0);
});
