import { useState, type FormEvent } from "react";
import { useChangeCameras, type PatchCamerasCameraResult } from "@/api/cameraLists";
import { fieldWords } from "@/api/problem";
import type { Camera, CameraInput } from "@/api/types";
import { Button } from "@/components/ui/Button";
import { CancelButton, Dialog } from "@/components/ui/Dialog";
import { SelectField, TextField } from "@/components/ui/Field";
import { changeOf } from "./changeOf";
import { modes } from "./modes";
import { words } from "./words";

/** The same change of many cameras: only what is touched is changed. */
export function ChangeManyDialog({
  cameras,
  onClose,
}: {
  cameras: readonly Camera[];
  /** @param done all were changed. */
  onClose: (done: boolean) => void;
}) {
  const change = useChangeCameras();
  const [patch, setPatch] = useState<CameraInput>({});
  const [refused, setRefused] = useState<PatchCamerasCameraResult[]>([]);
  const empty = Object.keys(patch).length === 0;

  function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    setRefused([]);
    change.mutate(
      { cameras, patch },
      {
        onSuccess: (results) => {
          const left = results.filter((r) => !r.changed);
          if (left.length === 0) onClose(true);
          else setRefused(left);
        },
      },
    );
  }

  return (
    <Dialog
      busy={change.isPending}
      unsaved={!empty && refused.length === 0}
      onClose={() => onClose(false)}
      title={words.changeManyTitle(cameras.length)}
      description={words.changeManyDetail}
      className="sm:w-[32rem]"
    >
      <form
        onSubmit={onSubmit}
        onChange={(e) => setPatch(changeOf(new FormData(e.currentTarget)))}
        className="space-y-4"
        autoComplete="off"
      >
        <div className="grid gap-4 sm:grid-cols-2">
          <SelectField label={words.record} name="mode" defaultValue="">
            <option value="">{words.unchanged}</option>
            {modes.map((mode) => (
              <option key={mode} value={mode}>
                {words.modes[mode]}
              </option>
            ))}
          </SelectField>
          <SelectField label={words.streamsToRecord} name="stream" defaultValue="">
            <option value="">{words.unchanged}</option>
            {Object.entries(words.streams).map(([stream, name]) => (
              <option key={stream} value={stream}>
                {name}
              </option>
            ))}
          </SelectField>
          <TextField
            label={words.keepAtLeast}
            name="minAgeDays"
            type="number"
            min={0.1}
            step="any"
            placeholder={words.unchanged}
          />
          <TextField
            label={words.deleteAfter}
            name="maxAgeDays"
            type="number"
            min={0.1}
            step="any"
            placeholder={words.unchanged}
          />
          <TextField label={words.user} name="username" autoComplete="off" placeholder={words.unchanged} />
          <TextField
            label={words.password}
            name="password"
            type="password"
            autoComplete="new-password"
            placeholder={words.unchanged}
          />
          <SelectField label={words.transport} name="transport" defaultValue="">
            <option value="">{words.unchanged}</option>
            <option value="auto">{words.automatic}</option>
            <option value="tcp">TCP</option>
            <option value="udp">UDP</option>
          </SelectField>
          <SelectField label={words.operation} name="enabled" defaultValue="">
            <option value="">{words.unchanged}</option>
            <option value="true">{words.switchedOn}</option>
            <option value="false">{words.switchedOff}</option>
          </SelectField>
        </div>
        {change.error && (
          <p role="alert" className="bg-alarm/10 text-alarm rounded-md px-3 py-2 text-[13px]">
            {change.error.message}
          </p>
        )}
        {refused.length > 0 && (
          <div role="alert" className="bg-warn/10 rounded-md px-3 py-2 text-[13px]">
            <p className="text-warn mb-1">{words.notChanged(refused.length, cameras.length)}</p>
            <ul className="max-h-40 space-y-0.5 overflow-y-auto">
              {refused.map((r) => (
                <li key={r.id}>
                  {cameras.find((c) => c.id === r.id)?.name ?? r.id}:{" "}
                  <span className="text-soft">{r.fields.map(fieldWords).join(" ") || r.detail}</span>
                </li>
              ))}
            </ul>
          </div>
        )}
        <div className="flex justify-end gap-2 pt-2">
          <CancelButton disabled={change.isPending} />
          <Button type="submit" variant="primary" className="max-md:h-11" disabled={change.isPending || empty}>
            {change.isPending ? words.saving : words.changeN(cameras.length)}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
