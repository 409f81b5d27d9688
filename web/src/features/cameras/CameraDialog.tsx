import { useState, type FormEvent } from "react";
import { useSaveCamera } from "@/api/cameras";
import { useTestCamera } from "@/api/onboarding";
import { ApiError } from "@/api/problem";
import type { Camera, CameraInput } from "@/api/types";
import { useMay } from "@/api/useMe";
import { Button } from "@/components/ui/Button";
import { CancelButton, Dialog } from "@/components/ui/Dialog";
import { SelectField, TextField } from "@/components/ui/Field";
import { forecastWords } from "@/components/time";
import { TestResult } from "@/features/camera/TestResult";
import { RecordingFields, recordingInput } from "./RecordingFields";
import { unshownProblems } from "./unshownProblems";
import { words } from "./words";

/** Adds a camera, or changes one. An empty password leaves the stored one as it is. */
export function CameraDialog({ camera, onClose }: { camera: Camera | null; onClose: () => void }) {
  const save = useSaveCamera(camera);
  const test = useTestCamera();
  const mayTest = useMay()("devices.discover");
  const error = save.error instanceof ApiError ? save.error : null;
  const [changed, setChanged] = useState(false);
  const [sent, setSent] = useState<readonly string[]>([]);
  const unshown = save.error ? unshownProblems(save.error, sent) : [];

  function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setSent([...form.keys()]);
    const text = (name: string) => String(form.get(name) ?? "").trim();
    const days = (name: string) => (text(name) ? Number(text(name)) : null);
    const input: CameraInput = {
      name: text("name"),
      mainUrl: text("mainUrl"),
      subUrl: text("subUrl") || null,
      username: text("username") || null,
      transport: text("transport") as "auto" | "tcp" | "udp",
      allowBasicInClear: form.has("allowBasicInClear"),
      tlsCertificateSha256: text("tlsCertificateSha256") || null,
      enabled: form.has("enabled"),
      recording: {
        ...recordingInput(form),
        retention: { maxAgeDays: days("maxAgeDays"), minAgeDays: days("minAgeDays") },
      },
    };
    const password = String(form.get("password") ?? "");
    if (password) input.password = password;
    save.mutate(input, { onSuccess: onClose });
  }

  function onTest(form: HTMLFormElement | null) {
    if (!form?.reportValidity()) return;
    const data = new FormData(form);
    const [username, password] = [String(data.get("username")).trim(), String(data.get("password"))];
    test.mutate({ mainUrl: String(data.get("mainUrl")).trim(), ...(username ? { username, password } : {}) });
  }

  return (
    <Dialog
      busy={save.isPending}
      unsaved={changed}
      onClose={onClose}
      title={camera ? words.editTitle(camera.name) : words.addCamera}
      className="sm:w-[34rem]"
    >
      <form onSubmit={onSubmit} onChange={() => setChanged(true)} className="space-y-4">
        <TextField
          label={words.name}
          name="name"
          defaultValue={camera?.name}
          placeholder={words.entrance}
          required
          autoFocus
          error={error?.field("name")}
        />
        <TextField
          label={words.streamAddress}
          name="mainUrl"
          defaultValue={camera?.mainUrl}
          placeholder="rtsp://192.168.1.20/stream1"
          inputMode="url"
          hint={words.streamAddressHint}
          required
          error={error?.field("mainUrl")}
        />
        <TextField
          label={words.smallStream}
          name="subUrl"
          defaultValue={camera?.subUrl ?? ""}
          placeholder="rtsp://192.168.1.20/stream2"
          inputMode="url"
          hint={words.smallStreamHint}
          error={error?.field("subUrl")}
        />
        <div className="grid gap-4 sm:grid-cols-2">
          <TextField
            label={words.user}
            name="username"
            defaultValue={camera?.username ?? ""}
            autoComplete="off"
            error={error?.field("username")}
          />
          <TextField
            label={words.password}
            name="password"
            type="password"
            autoComplete="new-password"
            placeholder={camera?.hasPassword ? words.unchanged : ""}
            error={error?.field("password")}
          />
        </div>
        <div className="grid gap-4 sm:grid-cols-3">
          <SelectField
            label={words.transport}
            name="transport"
            defaultValue={camera?.transport ?? "auto"}
            hint={words.transportHint}
            error={error?.field("transport")}
          >
            <option value="auto">{words.automatic}</option>
            <option value="tcp">TCP</option>
            <option value="udp">UDP</option>
          </SelectField>
          <TextField
            label={words.keepAtLeast}
            name="minAgeDays"
            type="number"
            min={0.1}
            step="any"
            defaultValue={camera?.recording.retention.minAgeDays ?? ""}
            placeholder={words.noMinimum}
            hint={
              camera?.recording.forecastDays != null
                ? words.forecast(forecastWords(camera.recording.forecastDays))
                : undefined
            }
            error={error?.field("recording.retention.minAgeDays")}
          />
          <TextField
            label={words.deleteAfter}
            name="maxAgeDays"
            type="number"
            min={0.1}
            step="any"
            defaultValue={camera?.recording.retention.maxAgeDays ?? ""}
            placeholder={words.diskIsFull}
            error={error?.field("recording.retention.maxAgeDays")}
          />
        </div>
        <RecordingFields camera={camera} error={error} onPaint={() => setChanged(true)} />
        <TextField
          label={words.certificate}
          name="tlsCertificateSha256"
          defaultValue={camera?.tlsCertificateSha256 ?? ""}
          placeholder={words.anyCertificate}
          hint={words.certificateHint}
          error={error?.field("tlsCertificateSha256")}
        />
        <div className="flex flex-wrap gap-x-6 gap-y-2 border-t pt-4">
          <label className="flex items-center gap-2">
            <input
              type="checkbox"
              name="enabled"
              defaultChecked={camera?.enabled ?? true}
              className="accent-accent size-4"
            />
            {words.switchedOn}
          </label>
          <label className="flex items-start gap-2">
            <input
              type="checkbox"
              name="allowBasicInClear"
              defaultChecked={camera?.allowBasicInClear ?? false}
              className="accent-accent mt-0.5 size-4"
            />
            <span>
              {words.sendUnencrypted}
              <span className="text-soft block text-[13px]">{words.sendUnencryptedHint}</span>
            </span>
          </label>
        </div>
        {unshown.length > 0 && (
          <div role="alert" className="bg-alarm/10 text-alarm rounded-md px-3 py-2 text-[13px]">
            {unshown.map((problem) => (
              <p key={problem}>{problem}</p>
            ))}
          </div>
        )}
        <TestResult test={{ isPending: test.isPending, data: test.data, error: test.error }} />
        <div className="flex flex-wrap justify-end gap-2 pt-2">
          {mayTest && !camera && (
            <Button
              className="mr-auto max-md:h-11"
              disabled={test.isPending || save.isPending}
              onClick={(e) => onTest(e.currentTarget.form)}
            >
              {words.test}
            </Button>
          )}
          <CancelButton disabled={save.isPending} />
          <Button type="submit" variant="primary" disabled={save.isPending}>
            {save.isPending ? words.saving : camera ? words.save : words.addCamera}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
