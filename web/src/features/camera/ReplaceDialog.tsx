import { useState, type FormEvent } from "react";
import { useReplaceCamera, useTestCamera, type DeviceOrStream } from "@/api/onboarding";
import { ApiError } from "@/api/problem";
import type { Camera } from "@/api/types";
import { useMay } from "@/api/useMe";
import { Button } from "@/components/ui/Button";
import { CancelButton, Dialog } from "@/components/ui/Dialog";
import { TextField } from "@/components/ui/Field";
import { TestResult } from "./TestResult";
import { deviceOrStream } from "./deviceOrStream";
import { words } from "./words";

/** Another device for the same place: asked first, so that nothing changes when it does not answer. */
export function ReplaceDialog({ camera, onClose }: { camera: Camera; onClose: () => void }) {
  const replace = useReplaceCamera(camera.id);
  const test = useTestCamera();
  const mayTest = useMay()("devices.discover");
  const [form, setForm] = useState({ address: "", username: camera.username ?? "", password: "" });
  const [wrong, setWrong] = useState(false);
  const error = replace.error instanceof ApiError ? replace.error : null;
  const set = (part: Partial<typeof form>) => {
    setForm((f) => ({ ...f, ...part }));
    test.reset();
  };
  const withWish = (go: (wish: DeviceOrStream) => void) => {
    const wish = deviceOrStream(form.address, form.username, form.password);
    setWrong(wish === null);
    if (wish) go(wish);
  };

  function onSubmit(event: FormEvent) {
    event.preventDefault();
    withWish((wish) => replace.mutate(wish, { onSuccess: onClose }));
  }

  return (
    <Dialog
      busy={replace.isPending}
      unsaved={form.address !== ""}
      onClose={onClose}
      title={words.replaceTitle(camera.name)}
      description={words.replaceDetail}
      className="sm:w-[32rem]"
    >
      <form onSubmit={onSubmit} className="space-y-4" autoComplete="off">
        <TextField
          label={words.newAddress}
          value={form.address}
          onChange={(e) => set({ address: e.target.value })}
          placeholder="192.168.1.20"
          inputMode="url"
          autoCapitalize="off"
          required
          hint={words.newAddressHint}
          error={wrong ? words.newAddressWrong : (error?.field("ip") ?? error?.field("mainUrl"))}
        />
        <div className="grid gap-4 sm:grid-cols-2">
          <TextField
            label={words.user}
            value={form.username}
            autoComplete="off"
            onChange={(e) => set({ username: e.target.value })}
            error={error?.field("username")}
          />
          <TextField
            label={words.password}
            type="password"
            autoComplete="new-password"
            value={form.password}
            onChange={(e) => set({ password: e.target.value })}
            error={error?.field("password")}
          />
        </div>
        <TestResult test={{ isPending: test.isPending, data: test.data, error: test.error }} />
        {replace.error && !error?.problem.fields && (
          <p role="alert" className="bg-alarm/10 text-alarm rounded-md px-3 py-2 text-[13px]">
            {replace.error.message}
          </p>
        )}
        <div className="flex flex-wrap justify-end gap-2 pt-2">
          {mayTest && (
            <Button
              className="mr-auto max-md:h-11"
              disabled={test.isPending || replace.isPending}
              onClick={() => withWish((wish) => test.mutate(wish))}
            >
              {words.test}
            </Button>
          )}
          <CancelButton disabled={replace.isPending} />
          <Button type="submit" variant="primary" className="max-md:h-11" disabled={replace.isPending}>
            {replace.isPending ? words.replacing : words.replace}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
