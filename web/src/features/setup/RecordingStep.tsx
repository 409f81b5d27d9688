import { useState } from "react";
import { useCameras } from "@/api/cameras";
import { useChangeCameras } from "@/api/cameraLists";
import { fieldWords } from "@/api/problem";
import type { Camera } from "@/api/types";
import { cn } from "@/components/cn";
import { forecastWords } from "@/components/time";
import { Button } from "@/components/ui/Button";
import { Check } from "@/components/ui/Check";
import { useStorage } from "@/features/health/storage";
import { addedCameras } from "./progress";
import { choices, inputOf, type Choice } from "./recordingChoices";
import { daysOf, qualities, roomOf } from "./room";
import { StepTitle } from "./SetupFrame";
import { words } from "./words";

/** When cameras record; each can have its own later. Those that were there before this set-up stay as they are unless somebody says otherwise. */
export function RecordingStep({ onBack, onDone }: { onBack: () => void; onDone: () => void }) {
  const cameras = useCameras();
  const storage = useStorage();
  const change = useChangeCameras();
  const [choice, setChoice] = useState<Choice>("always");
  const [alsoEarlier, setAlsoEarlier] = useState(false);
  const [asking, setAsking] = useState(false);
  const all = cameras.data ?? [];
  const added = addedCameras();
  const concerns = (c: Camera) => alsoEarlier || added.has(c.id);
  const concerned = all.filter(concerns);
  const earlier = all.filter((c) => !added.has(c.id)).length;
  // Of those that have just begun to send it is known; for the others the usual.
  const bits = all.reduce(
    (sum, c) => sum + (c.streams.find((s) => s.name === "main")?.bitrateBps || qualities[1].bitsPerSecond),
    0,
  );
  const days = daysOf(roomOf(storage.data?.pools ?? []), 1, bits);
  const refused = (change.data ?? []).filter((r) => !r.changed);

  const finish = async () => {
    // One that was added a moment ago may not be in the list yet.
    setAsking(true);
    const fresh = await cameras.refetch();
    setAsking(false);
    if (fresh.isError) return;
    const chosen = (fresh.data ?? []).filter(concerns);
    if (chosen.length === 0) return onDone();
    change.mutate(
      { cameras: chosen, patch: { recording: inputOf(choice) } },
      { onSuccess: (results) => results.every((r) => r.changed) && onDone() },
    );
  };

  return (
    <>
      <StepTitle
        title={words.recording}
        detail={earlier === 0 ? words.recordingDetail(all.length) : words.recordingOfNew(all.length - earlier)}
      />
      {earlier > 0 && (
        <Check
          className="mb-4"
          label={words.alsoEarlier(earlier)}
          hint={words.alsoEarlierHint}
          checked={alsoEarlier}
          onChange={(e) => setAlsoEarlier(e.target.checked)}
        />
      )}
      {(concerned.length > 0 || earlier === 0) && (
        <div role="radiogroup" aria-label={words.recording} className="grid gap-3 sm:grid-cols-2">
          {choices.map((name) => (
            <label
              key={name}
              className={cn(
                "hover:border-faint has-focus-visible:outline-accent flex min-h-20 items-start gap-3 rounded-lg border p-4 has-focus-visible:outline-2",
                choice === name && "border-accent bg-accent/8 hover:border-accent",
              )}
            >
              <input
                type="radio"
                name="recording"
                checked={choice === name}
                onChange={() => setChoice(name)}
                className="accent-accent mt-0.5 size-4 shrink-0"
              />
              <span>
                <span className="block font-medium">{words.choices[name].title}</span>
                <span className="text-soft text-[13px]">{words.choices[name].detail}</span>
                {name === "always" && days > 0 && (
                  <span className="text-soft block text-[13px]">{words.keepsAbout(forecastWords(days))}</span>
                )}
              </span>
            </label>
          ))}
        </div>
      )}
      <p className="text-faint mt-3 text-[13px]">{words.recordingHint}</p>
      {(change.error ?? cameras.error) && (
        <p role="alert" className="bg-alarm/10 text-alarm mt-4 rounded-md px-3 py-2 text-[13px]">
          {(change.error ?? cameras.error)?.message}
        </p>
      )}
      {refused.length > 0 && (
        <ul role="alert" className="bg-warn/10 mt-4 rounded-md px-3 py-2 text-[13px]">
          {refused.map((r) => (
            <li key={r.id}>
              {all.find((c) => c.id === r.id)?.name ?? r.id}: {r.fields.map(fieldWords).join(" ") || r.detail}
            </li>
          ))}
        </ul>
      )}
      <div className="mt-6 flex flex-wrap justify-end gap-2">
        <Button size="touch" variant="ghost" className="mr-auto" onClick={onBack}>
          {words.back}
        </Button>
        {refused.length > 0 && (
          <Button size="touch" onClick={onDone}>
            {words.finishAnyway}
          </Button>
        )}
        <Button
          size="touch"
          variant="primary"
          disabled={asking || change.isPending || cameras.isPending}
          onClick={() => void finish()}
        >
          {asking || change.isPending ? words.finishing : words.finish}
        </Button>
      </div>
    </>
  );
}
