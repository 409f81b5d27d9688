import { useState, type FormEvent, type ReactNode } from "react";
import { toast } from "sonner";
import { useSaveNotificationPreferences, type NotificationPreferences } from "@/api/notifications";
import { ApiError } from "@/api/problem";
import { cn } from "@/components/cn";
import { FormProblem } from "@/components/FormProblem";
import { Button } from "@/components/ui/Button";
import { Check } from "@/components/ui/Check";
import { words as pageWords } from "@/components/words";
import { CameraPick } from "./CameraPick";
import { KindPick } from "./KindPick";
import { QuietFields } from "./QuietFields";
import { words } from "./words";

const quietFields = ["quiet.from", "quiet.to", "quiet.timeZone", "quiet.days"] as const;

/** What is theirs everywhere: ways, kinds, cameras, quiet hours. Saved as a whole. */
export function PreferencesForm({ saved }: { saved: NotificationPreferences }) {
  const [typed, setTyped] = useState<NotificationPreferences | null>(null);
  // That only some are wanted is not in what is saved until one is chosen: none means all there.
  const [onlyKinds, setOnlyKinds] = useState(saved.types.length > 0);
  const [onlyCameras, setOnlyCameras] = useState(saved.cameraIds.length > 0);
  const save = useSaveNotificationPreferences();
  const wanted = typed ?? saved;
  const change = (part: Partial<NotificationPreferences>) => setTyped({ ...wanted, ...part });
  const noKind = onlyKinds && wanted.types.length === 0;
  const noCamera = onlyCameras && wanted.cameraIds.length === 0;
  const isChanged = typed !== null && JSON.stringify(typed) !== JSON.stringify(saved);

  function onSubmit(event: FormEvent) {
    event.preventDefault();
    save.mutate(wanted, {
      onSuccess: () => {
        // What was chosen while it was on its way is not saved yet, and stays.
        setTyped((now) => (now === wanted ? null : now));
        toast(words.saved);
      },
    });
  }

  return (
    <form onSubmit={onSubmit} className="space-y-6">
      <Group title={words.ways}>
        <Check
          label={words.byDesktop}
          hint={words.byDesktopHint}
          checked={wanted.desktop}
          onChange={(e) => change({ desktop: e.target.checked })}
        />
        <Check
          label={words.byPush}
          hint={words.byPushHint}
          checked={wanted.push}
          onChange={(e) => change({ push: e.target.checked })}
        />
        {!wanted.desktop && !wanted.push && <p className="text-warn mt-1 text-[13px]">{words.noWay}</p>}
      </Group>
      <Group title={words.what}>
        <AllOrSome
          name="kinds"
          all={words.everything}
          some={words.onlyKinds}
          only={onlyKinds}
          onChange={(only) => {
            setOnlyKinds(only);
            change({ types: [] });
          }}
        />
        {onlyKinds && <KindPick types={wanted.types} onChange={(types) => change({ types })} />}
        {noKind && <p className="text-warn mt-1 text-[13px]">{words.chooseOne}</p>}
      </Group>
      <Group title={words.cameras}>
        <AllOrSome
          name="cameras"
          all={words.allCameras}
          some={words.onlyCameras}
          only={onlyCameras}
          onChange={(only) => {
            setOnlyCameras(only);
            change({ cameraIds: [] });
          }}
        />
        {onlyCameras && (
          <>
            <CameraPick chosen={wanted.cameraIds} onChange={(cameraIds) => change({ cameraIds })} />
            <p className="text-faint mt-1 text-[13px]">{words.alwaysSystem}</p>
          </>
        )}
        {noCamera && <p className="text-warn mt-1 text-[13px]">{words.chooseOne}</p>}
      </Group>
      <Group title={words.quiet}>
        <QuietFields
          quiet={wanted.quiet}
          through={wanted.through}
          error={(field) => (save.error instanceof ApiError ? save.error.field(field) : undefined)}
          onChange={change}
        />
      </Group>
      <FormProblem error={save.error} shown={quietFields} />
      <div className={cn("flex items-center justify-end gap-3 py-3", isChanged && "bg-ground sticky bottom-0")}>
        {isChanged && <span className="text-soft text-[13px]">{words.unsaved}</span>}
        <Button
          type="submit"
          variant="primary"
          className="max-md:h-11"
          disabled={!isChanged || noKind || noCamera || save.isPending}
        >
          {save.isPending ? pageWords.saving : pageWords.save}
        </Button>
      </div>
    </form>
  );
}

function Group({ title, children }: { title: string; children: ReactNode }) {
  return (
    <fieldset className="bg-panel rounded-lg border p-5 pt-4">
      <legend className="float-left mb-2 w-full font-medium">{title}</legend>
      <div className="clear-both">{children}</div>
    </fieldset>
  );
}

function AllOrSome({
  name,
  all,
  some,
  only,
  onChange,
}: {
  name: string;
  all: string;
  some: string;
  only: boolean;
  onChange: (only: boolean) => void;
}) {
  return (
    <div className="flex flex-wrap gap-x-6">
      {[false, true].map((choice) => (
        <label key={String(choice)} className="flex min-h-8 items-center gap-2.5 max-md:min-h-11">
          <input
            type="radio"
            name={name}
            className="accent-accent size-4"
            checked={only === choice}
            onChange={() => onChange(choice)}
          />
          {choice ? some : all}
        </label>
      ))}
    </div>
  );
}
