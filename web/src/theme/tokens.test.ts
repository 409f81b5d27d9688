import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

/** WCAG 2.2 AA for text of any size. */
const least = 4.5;

const css = readFileSync("src/index.css", "utf8");
const dark = tokensOf(":root,\n  .pictures {");
const light = tokensOf(':root[data-theme="light"] {');

function tokensOf(selector: string): Map<string, string> {
  const start = css.indexOf(selector);
  const block = css.slice(start, css.indexOf("}", start));
  return new Map([...block.matchAll(/--([a-z-]+): (#[0-9a-f]{6});/g)].map((m) => [m[1]!, m[2]!]));
}

const channels = (hex: string) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));

/** WCAG 2.2, "relative luminance". */
function luminance(hex: string): number {
  const [r, g, b] = channels(hex)
    .map((c) => c / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}

function contrast(a: string, b: string): number {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high! + 0.05) / (low! + 0.05);
}

/** A colour of so much opacity over another. */
function over(top: string, below: string, opacity: number): string {
  const under = channels(below);
  return `#${channels(top)
    .map((c, i) =>
      Math.round(c * opacity + under[i]! * (1 - opacity))
        .toString(16)
        .padStart(2, "0"),
    )
    .join("")}`;
}

describe.each([
  ["dark", dark],
  ["light", light],
])("the %s theme", (_, tokens) => {
  const of = (name: string) => tokens.get(name) ?? "missing";

  it.each(["text", "soft", "faint", "accent", "good", "warn", "alarm"])(
    "has %s that is read on every surface",
    (word) => {
      for (const surface of ["ground", "panel", "raised"])
        expect(contrast(of(word), of(surface)), `${word} on ${surface}`).toBeGreaterThanOrEqual(least);
    },
  );

  it.each(["person", "vehicle", "animal", "thing", "zone", "crossing", "mask"])(
    "has a colour of what is found and drawn, %s, that is read on every surface",
    (kind) => {
      for (const surface of ["ground", "panel", "raised"])
        expect(contrast(of(kind), of(surface)), `${kind} on ${surface}`).toBeGreaterThanOrEqual(least);
    },
  );

  it("has words of trouble that are read on their own tint", () => {
    expect(contrast(of("alarm"), over(of("alarm"), of("panel"), 0.1))).toBeGreaterThanOrEqual(least);
    expect(contrast(of("warn"), over(of("warn"), of("ground"), 0.15))).toBeGreaterThanOrEqual(least);
  });

  it("has menus whose chosen line is read", () => {
    for (const word of ["text", "alarm"])
      expect(contrast(of(word), of("line")), `${word} on line`).toBeGreaterThanOrEqual(least);
  });

  it("has buttons with white words", () => {
    for (const button of ["accent-strong", "alarm-strong"])
      expect(contrast("#ffffff", of(button)), button).toBeGreaterThanOrEqual(least);
  });
});

it("both themes name the same colours", () => {
  expect([...light.keys()]).toEqual([...dark.keys()]);
  expect(dark.size).toBeGreaterThan(10);
});
