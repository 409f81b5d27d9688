import { useState } from "react";
import { useHasReports } from "@/api/events";
import type { ApiError } from "@/api/problem";
import type { Camera, RecordedStream, RecordingFormat, RecordingInput, RecordingMode } from "@/api/types";
import { SelectField, TextField } from "@/components/ui/Field";
import { modes } from "./modes";
import { reportWarning } from "./reports";
import { entriesOf, hasOddTimes, weekFrom, weekOf, type Week } from "./schedule";
import { WeekGrid } from "./WeekGrid";
import { words } from "./words";
import { wordFor } from "@/i18n/catalogue";

const bySchedule = "schedule";
const here = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** When a camera is recorded. What it says is taken by {@link recordingInput} when the form is sent. */
export function RecordingFields({
  camera,
  error,
  onPaint,
}: {
  camera: Camera | null;
  error: ApiError | null;
  /** The week is no input of the form: its changes are told. */
  onPaint: () => void;
}) {
  const recording = camera?.recording;
  const known = recording?.schedule ?? [];
  const [choice, setChoice] = useState<string>(known.length > 0 ? bySchedule : (recording?.mode ?? "continuous"));
  const [week, setWeek] = useState<Week>(() =>
    recording && known.length > 0 ? weekFrom(recording.mode, known) : weekOf(() => "continuous"),
  );
  const [painted, setPainted] = useState(false);
  const triggered =
    choice === bySchedule ? week.some((day) => day.some(isTriggered)) : isTriggered(choice as RecordingMode);
  const warning = reportWarning(camera, useHasReports(camera?.id, triggered));
  const zone = recording?.timeZone ?? here;
  // What was not painted on stays as it is, to the minute.
  const schedule = known.length > 0 && !painted ? null : entriesOf(week);
  return (
    <fieldset className="space-y-4 border-t pt-4">
      <legend className="sr-only">{words.recording}</legend>
      <SelectField
        label={words.record}
        name="recordingChoice"
        value={choice}
        onChange={(e) => setChoice(e.target.value)}
        hint={wordFor(words.modeHints, choice)}
        error={error?.field("recording.mode")}
      >
        {modes.map((mode) => (
          <option key={mode} value={mode}>
            {words.modes[mode]}
          </option>
        ))}
        <option value={bySchedule}>{words.bySchedule}</option>
      </SelectField>
      {choice === bySchedule && (
        <>
          <WeekGrid
            week={week}
            onChange={(next) => {
              setWeek(next);
              setPainted(true);
              onPaint();
            }}
          />
          {hasOddTimes(known) && !painted && <p className="text-warn text-[13px]">{words.oddTimes}</p>}
          <SelectField
            label={words.scheduleZone}
            name="timeZone"
            defaultValue={zone}
            hint={words.scheduleZoneHint}
            error={error?.field("recording.timeZone")}
          >
            {[...new Set([zone, here, "UTC", ...Intl.supportedValuesOf("timeZone")])].map((name) => (
              <option key={name}>{name}</option>
            ))}
          </SelectField>
          <input type="hidden" name="schedule" value={schedule === null ? "" : JSON.stringify(schedule)} />
        </>
      )}
      <SelectField
        label={words.streamsToRecord}
        name="recordedStream"
        defaultValue={recording?.stream ?? "main"}
        hint={words.streamsToRecordHint}
        error={error?.field("recording.stream")}
      >
        {Object.entries(words.streams).map(([stream, name]) => (
          <option key={stream} value={stream}>
            {name}
          </option>
        ))}
      </SelectField>
      {triggered && warning && <p className="text-warn text-[13px]">{warning}</p>}
      {triggered && (
        <div className="grid gap-4 sm:grid-cols-2">
          <TextField
            label={words.secondsBefore}
            name="preRoll"
            type="number"
            min={0}
            max={60}
            required
            defaultValue={recording?.preRoll ?? 10}
            error={error?.field("recording.preRoll")}
          />
          <TextField
            label={words.secondsAfter}
            name="postRoll"
            type="number"
            min={0}
            max={600}
            required
            defaultValue={recording?.postRoll ?? 20}
            error={error?.field("recording.postRoll")}
          />
        </div>
      )}
      <SelectField
        label={words.files}
        name="format"
        defaultValue={recording?.format ?? "fmp4"}
        hint={words.filesHint}
        error={error?.field("recording.format")}
      >
        <option value="fmp4">MP4</option>
        <option value="mkv">Matroska (MKV)</option>
      </SelectField>
    </fieldset>
  );
}

const isTriggered = (mode: RecordingMode) => mode === "motion" || mode === "event";

/** What the fields say, as far as they are there. */
export function recordingInput(form: FormData): RecordingInput {
  const text = (name: string) => String(form.get(name) ?? "");
  const choice = text("recordingChoice");
  const input: RecordingInput = { stream: text("recordedStream") as RecordedStream };
  if (choice !== bySchedule) Object.assign(input, { mode: choice, schedule: null });
  else {
    const schedule = text("schedule");
    // The week says all of it: what is not on it is off.
    if (schedule) Object.assign(input, { mode: "off", schedule: JSON.parse(schedule) });
    input.timeZone = text("timeZone");
  }
  if (form.has("preRoll")) input.preRoll = Number(form.get("preRoll"));
  if (form.has("postRoll")) input.postRoll = Number(form.get("postRoll"));
  if (form.has("format")) input.format = text("format") as RecordingFormat;
  return input;
}
