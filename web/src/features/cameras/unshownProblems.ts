import { ApiError } from "@/api/problem";

/** The camera's inputs, and which problem each of them shows. */
const inputs = new Map([
  ["name", "name"],
  ["mainUrl", "mainUrl"],
  ["subUrl", "subUrl"],
  ["username", "username"],
  ["password", "password"],
  ["transport", "transport"],
  ["minAgeDays", "recording.retention.minAgeDays"],
  ["maxAgeDays", "recording.retention.maxAgeDays"],
  ["recordingChoice", "recording.mode"],
  ["timeZone", "recording.timeZone"],
  ["preRoll", "recording.preRoll"],
  ["postRoll", "recording.postRoll"],
  ["format", "recording.format"],
]);

/** What is to be said beside the inputs: all that none of them shows. */
export function unshownProblems(error: Error, sent: readonly string[]): string[] {
  const fields = error instanceof ApiError ? (error.problem.fields ?? []) : [];
  if (fields.length === 0) return [error.message];
  const shown = new Set(sent.map((name) => inputs.get(name)));
  return [...new Set(fields.filter((f) => !shown.has(f.field)).map((f) => `${f.field}: ${f.message}`))];
}
