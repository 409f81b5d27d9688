import type { Camera } from "@/api/types";
import { codecWords, recordingWords, toneText } from "@/components/cameraWords";
import { dayAndClock, forecastWords } from "@/components/time";
import { wordFor } from "@/i18n/catalogue";
import { number } from "@/i18n/formats";
import { Card, Facts } from "./Card";
import { words } from "./words";

/** What the camera sends. */
export function StreamsCard({ camera }: { camera: Camera }) {
  return (
    <Card title={words.streams}>
      {camera.streams.length === 0 ? (
        <p className="text-soft">{words.noStreams}</p>
      ) : (
        <ul className="space-y-3">
          {camera.streams.map((s) => (
            <li key={s.name}>
              <p className="text-soft text-[13px]">{wordFor(words.streamNames, s.name) ?? s.name}</p>
              <p className="tabular">
                {s.width ? `${s.width} × ${s.height} ${codecWords(s.codec)}` : words.notConnected}
                {s.fps ? ` · ${words.framesPerSecond(number(s.fps))}` : ""}
                {s.bitrateBps ? ` · ${words.megabits(number(s.bitrateBps / 1e6, 1))}` : ""}
                {s.audioCodec ? ` · ${words.sound(s.audioCodec.toUpperCase())}` : ""}
                {s.metadata ? ` · ${words.metadata}` : ""}
              </p>
            </li>
          ))}
        </ul>
      )}
      <p className="text-faint mt-3 text-[13px] break-all">{camera.mainUrl}</p>
    </Card>
  );
}

/** What is recorded of it, and how well. */
export function RecordingCard({ camera }: { camera: Camera }) {
  const { recording } = camera;
  const said = recordingWords(camera);
  return (
    <Card title={words.recording}>
      <Facts
        facts={[
          [words.now, <span className={toneText[said.tone]}>{said.text}</span>],
          [words.mode, recording.schedule.length > 0 ? words.bySchedule : words.modes[recording.mode]],
          [words.keeps, recording.forecastDays != null ? forecastWords(recording.forecastDays) : null],
          [words.today, recording.bytesToday > 0 ? words.gigabytes(number(recording.bytesToday / 1e9, 1)) : null],
          [
            words.lostToday,
            <span className={recording.lostSecondsToday > 0 ? "text-alarm" : "text-good"}>
              {words.seconds(number(recording.lostSecondsToday))}
            </span>,
          ],
          [
            words.readBack,
            recording.readBack &&
              `${words.readBackResults[recording.readBack.result]} · ${dayAndClock(Date.parse(recording.readBack.at))}`,
          ],
        ]}
      />
    </Card>
  );
}
