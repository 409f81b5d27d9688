import type { CameraInput, RecordedStream, RecordingInput, RecordingMode } from "@/api/types";

/** What a form of many cameras changes: an input that is left empty changes nothing. */
export function changeOf(form: FormData): CameraInput {
  const text = (name: string) => String(form.get(name) ?? "").trim();
  const change: CameraInput = {};
  const recording: RecordingInput = {};
  // A mode of its own ends a schedule.
  if (text("mode")) Object.assign(recording, { mode: text("mode") as RecordingMode, schedule: null });
  if (text("stream")) recording.stream = text("stream") as RecordedStream;
  const retention = {
    ...(text("minAgeDays") ? { minAgeDays: Number(text("minAgeDays")) } : {}),
    ...(text("maxAgeDays") ? { maxAgeDays: Number(text("maxAgeDays")) } : {}),
  };
  if (Object.keys(retention).length > 0) recording.retention = retention;
  if (Object.keys(recording).length > 0) change.recording = recording;
  if (text("username")) change.username = text("username");
  const password = String(form.get("password") ?? "");
  if (password) change.password = password;
  if (text("transport")) change.transport = text("transport") as "auto" | "tcp" | "udp";
  if (text("enabled")) change.enabled = text("enabled") === "true";
  return change;
}
