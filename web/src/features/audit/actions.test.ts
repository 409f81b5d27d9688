import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { eventTypes } from "@/events/eventWords";
import { actionWords, nounWords } from "./auditWords";

const source = join(import.meta.dirname, "../../../../src/Planes/Vms.Control");
const files = readdirSync(source, { recursive: true, encoding: "utf8" })
  .filter((f) => f.endsWith(".cs") && !/(^|\/)(bin|obj)\//.test(f))
  .map((f) => readFileSync(join(source, f), "utf8"));
const found = (pattern: RegExp) => files.flatMap((text) => [...text.matchAll(pattern)].map(([, name]) => name!));

/** Actions are in the past: `rule.added`, `user.passwordSet`. */
const action =
  /"([a-z][A-Za-z]*\.(?:[a-z][A-Za-z]*ed|made|taken|command|ticketIssued|moveRequested|passwordSet|totpOn|totpOff|totpReset))"/g;
/** What is done about an alarm is named without it. */
const deed = /edits\.ChangeAsync\(\s*id, context, "([a-z]+)"/g;
/** Types of messages in the live feed. */
const messages = ["tree.changed", "camera.removed"];

test("every action that the server writes down has words in both languages, and what it is about has a name", () => {
  const events = new Set(eventTypes());
  const written = new Set([...found(action), ...found(deed).map((name) => `alarm.${name}`)]);
  // The patterns find what they are meant to find.
  for (const known of ["camera.created", "user.totpReset", "hold.made", "mqtt.command", "alarm.acknowledged"])
    expect(written).toContain(known);
  const actions = [...written].filter((name) => !messages.includes(name));
  const isWordless = (name: string) => actionWords(name) === name;
  // Types of events look like them.
  expect(actions.filter((name) => isWordless(name) && !events.has(name))).toEqual([]);
  expect(actions.filter((name) => !isWordless(name) && nounWords(name) === name.split(".", 1)[0]!)).toEqual([]);
});
