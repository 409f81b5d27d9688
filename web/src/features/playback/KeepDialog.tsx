import { useState, type FormEvent } from "react";
import { useNavigate } from "react-router";
import { toast } from "sonner";
import { useKeep, type KeptKind } from "@/api/kept";
import { ApiError } from "@/api/problem";
import type { Camera } from "@/api/types";
import { clock, dayAndClock } from "@/components/time";
import { Button } from "@/components/ui/Button";
import { CancelButton, Dialog } from "@/components/ui/Dialog";
import { TextField } from "@/components/ui/Field";
import type { Span } from "@/timeline/footage";
import { splitTags } from "./splitTags";
import { words } from "./words";

/** What is asked to be kept: a moment where both ends are the same. */
export interface KeepWish {
  kind: KeptKind;
  span: Span;
}

/** The input of the API that takes the name. */
const fields = { bookmark: "title", clip: "name", hold: "reason" } as const;

/** Names a bookmark, a clip or a hold, and says what it does. */
export function KeepDialog({
  wish: { kind, span },
  cameras,
  active,
  onClose,
}: {
  wish: KeepWish;
  /** Those that are shown; a bookmark is the active one's. */
  cameras: readonly Camera[];
  active: Camera;
  onClose: () => void;
}) {
  const keep = useKeep(kind);
  const navigate = useNavigate();
  const [chosen, setChosen] = useState(() => cameras.map((c) => c.id));
  const error = keep.error instanceof ApiError ? keep.error : null;
  const { title, name, does, done, action } = words.keep[kind];
  const field = fields[kind];
  const moment = span.from === span.to;

  function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (input: string) => String(form.get(input) ?? "").trim();
    const times = moment
      ? { at: new Date(span.from).toISOString() }
      : { from: new Date(span.from).toISOString(), to: new Date(span.to).toISOString() };
    keep.mutate(
      {
        ...(kind === "bookmark" ? { cameraId: active.id } : { cameraIds: chosen }),
        ...times,
        [field]: text("name"),
        ...(kind === "hold" ? {} : { note: text("note"), tags: splitTags(text("tags")) }),
      },
      {
        onSuccess: () => {
          onClose();
          if (kind === "bookmark") toast(done);
          else toast(done, { action: { label: words.show, onClick: () => void navigate("/clips") } });
        },
      },
    );
  }

  return (
    <Dialog
      busy={keep.isPending}
      onClose={onClose}
      title={title}
      description={
        <span className="tabular">
          {dayAndClock(span.from)}
          {!moment && ` – ${clock(span.to)}`}
          {kind === "bookmark" && `, ${active.name}`}. {does}
        </span>
      }
    >
      <form onSubmit={onSubmit} className="space-y-4">
        <TextField label={name} name="name" required maxLength={128} autoFocus error={error?.field(field)} />
        {kind !== "bookmark" && cameras.length > 1 && (
          <fieldset className="space-y-1.5">
            <legend className="text-soft text-[13px] font-medium">{words.cameras}</legend>
            {cameras.map((camera) => (
              <label key={camera.id} className="flex min-h-8 items-center gap-2 max-md:min-h-11">
                <input
                  type="checkbox"
                  className="accent-accent size-4"
                  checked={chosen.includes(camera.id)}
                  onChange={(e) =>
                    setChosen(e.target.checked ? [...chosen, camera.id] : chosen.filter((id) => id !== camera.id))
                  }
                />
                {camera.name}
              </label>
            ))}
          </fieldset>
        )}
        {kind !== "hold" && (
          <>
            <TextField
              label={words.tags}
              name="tags"
              placeholder={words.tagsExample}
              hint={words.tagsHint}
              error={error?.field("tags")}
            />
            <TextField label={words.note} name="note" maxLength={4000} error={error?.field("note")} />
          </>
        )}
        {error && !error.field(field) && !error.field("tags") && !error.field("note") && (
          <p role="alert" className="bg-alarm/10 text-alarm rounded-md px-3 py-2 text-[13px]">
            {error.message}
          </p>
        )}
        <div className="flex justify-end gap-2">
          <CancelButton disabled={keep.isPending} />
          <Button
            type="submit"
            variant="primary"
            className="max-md:h-11"
            disabled={keep.isPending || (kind !== "bookmark" && chosen.length === 0)}
          >
            {keep.isPending ? words.saving : action}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
