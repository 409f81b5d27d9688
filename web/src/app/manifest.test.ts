import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

interface Manifest {
  start_url: string;
  display: string;
  icons: { src: string; sizes: string; type: string; purpose?: string }[];
}

const manifest = JSON.parse(readFileSync("public/manifest.webmanifest", "utf8")) as Manifest;

/** Width and height as a PNG file says them, behind its signature. */
const sizeOf = (file: Buffer) => `${file.readUInt32BE(16)}x${file.readUInt32BE(20)}`;

test("browsers can install it: a window of its own, and the icons that they ask for, as large as they are said to be", () => {
  expect(readFileSync("index.html", "utf8")).toContain('rel="manifest" href="/manifest.webmanifest"');
  expect([manifest.start_url, manifest.display]).toEqual(["/", "standalone"]);
  for (const { src, sizes, type } of manifest.icons) {
    expect(existsSync(`public${src}`), src).toBe(true);
    if (type === "image/png") expect(sizeOf(readFileSync(`public${src}`)), src).toBe(sizes);
  }
  const plain = manifest.icons.filter((i) => i.type === "image/png" && !i.purpose).map((i) => i.sizes);
  expect(plain).toEqual(expect.arrayContaining(["192x192", "512x512"]));
  expect(manifest.icons.some((i) => i.purpose === "maskable")).toBe(true);
});
