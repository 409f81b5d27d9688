import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { eventTypes } from "./eventWords";

/** Where the product makes events of its own, or of what devices tell. */
const makers = [
  "Planes/Vms.Ai/Analysis",
  "Planes/Vms.Ai/Rules",
  "Planes/Vms.Control/Events",
  "Planes/Vms.Control/Features/Device",
  "Planes/Vms.Control/Features/Nvrs",
  "Planes/Vms.Media/Pipelines",
  "Planes/Vms.Recorder/Events",
  "Planes/Vms.Recorder/Recordings",
  "Protocols/Vms.Onvif/Events",
];

const source = join(import.meta.dirname, "../../../src");
const type =
  /"((?:camera|recording|retention|storage|stream|system|object|line|zone|plate|face|scene|sound|input|rule)(?:\.[a-z][A-Za-z]*)+)"/g;

/** Names of settings and of things in the audit log look like types. */
const others = new Set(["recording.mode", "camera.state", "camera.changed"]);

function typesIn(folder: string): string[] {
  const files = readdirSync(join(source, folder), { recursive: true, encoding: "utf8" }).filter((f) =>
    f.endsWith(".cs"),
  );
  return files.flatMap((file) =>
    [...readFileSync(join(source, folder, file), "utf8").matchAll(type)].map(([, name]) => name!),
  );
}

test("every type of event that the product makes has a word", () => {
  const made = new Set(makers.flatMap(typesIn).filter((name) => !others.has(name)));
  // The pattern finds what it is meant to find.
  expect(made).toContain("line.crossed");
  expect(made).toContain("system.planeAway");
  expect(made).toContain("recording.gap");
  const known = new Set(eventTypes());
  expect([...made].filter((name) => !known.has(name))).toEqual([]);
});
