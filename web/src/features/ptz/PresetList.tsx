import { Check, MapPin, MoreHorizontal, Plus } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import { useRef, useState, type FormEvent, type RefObject } from "react";
import { flushSync } from "react-dom";
import { useDeletePreset, useRenamePreset, useStorePreset, type PtzPreset } from "@/api/ptz";
import { Skeleton } from "@/components/States";
import { Button } from "@/components/ui/Button";
import { words } from "./words";

const item =
  "flex h-10 cursor-pointer items-center gap-2 rounded-md px-3 outline-none max-md:h-11 data-highlighted:bg-line [&_svg]:size-4";

/** Places that the camera knows by name. The first nine have a key. */
export function PresetList({
  cameraId,
  presets,
  disabled,
  onGo,
}: {
  cameraId: string;
  /** Undefined while they are not known. */
  presets: readonly PtzPreset[] | undefined;
  disabled: boolean;
  onGo: (id: string) => void;
}) {
  const store = useStorePreset(cameraId);
  const remove = useDeletePreset(cameraId);
  const rename = useRenamePreset(cameraId);
  const [name, setName] = useState("");
  const [renamed, setRenamed] = useState<string | null>(null);
  const field = useRef<HTMLInputElement>(null);
  const error = store.error ?? rename.error ?? remove.error;

  function onSubmit(event: FormEvent) {
    event.preventDefault();
    if (name.trim()) store.mutate({ name: name.trim() }, { onSuccess: () => setName("") });
  }

  return (
    <section aria-label={words.presets} className="min-w-52 flex-1">
      {presets === undefined ? (
        <Skeleton className="h-20" />
      ) : presets.length === 0 ? (
        <p className="text-soft py-2 text-[13px]">{words.noPresets}</p>
      ) : (
        <ul className="max-h-44 overflow-y-auto">
          {presets.map((preset, i) => (
            <li key={preset.id} className="hover:bg-raised flex items-center rounded-md">
              {renamed === preset.id ? (
                <NameField
                  name={preset.name}
                  field={field}
                  onDone={(wanted, line) => {
                    flushSync(() => setRenamed(null));
                    // The focus is where it was, not lost with the field.
                    line?.querySelector("button")?.focus();
                    if (wanted && wanted !== preset.name) rename.mutate({ preset: preset.id, name: wanted });
                  }}
                />
              ) : (
                <button
                  type="button"
                  disabled={disabled}
                  onClick={() => onGo(preset.id)}
                  className="flex h-9 min-w-0 flex-1 items-center gap-2 px-2 text-left disabled:opacity-50 max-md:h-11"
                >
                  <MapPin className="text-soft size-4 shrink-0" aria-hidden />
                  <span className="truncate">{preset.name}</span>
                  {i < 9 && <kbd className="text-faint ml-auto font-sans text-[11px] max-md:hidden">{i + 1}</kbd>}
                </button>
              )}
              <DropdownMenu.Root>
                <DropdownMenu.Trigger asChild>
                  <Button
                    variant="ghost"
                    size="icon"
                    className="max-md:size-11"
                    disabled={disabled}
                    aria-label={words.presetActions(preset.name)}
                  >
                    <MoreHorizontal />
                  </Button>
                </DropdownMenu.Trigger>
                <DropdownMenu.Portal>
                  <DropdownMenu.Content
                    align="end"
                    onCloseAutoFocus={(e) => {
                      // The menu keeps the focus until it is gone.
                      if (!field.current) return;
                      e.preventDefault();
                      field.current.focus();
                    }}
                    className="bg-raised text-text z-50 min-w-44 rounded-lg border p-1 shadow-2xl"
                  >
                    <DropdownMenu.Item className={item} onSelect={() => setRenamed(preset.id)}>
                      {words.renamePreset}
                    </DropdownMenu.Item>
                    <DropdownMenu.Item className={item} onSelect={() => store.mutate({ preset: preset.id })}>
                      {words.storeHere}
                    </DropdownMenu.Item>
                    <DropdownMenu.Item className={`${item} text-alarm`} onSelect={() => remove.mutate(preset.id)}>
                      {words.deletePreset}
                    </DropdownMenu.Item>
                  </DropdownMenu.Content>
                </DropdownMenu.Portal>
              </DropdownMenu.Root>
            </li>
          ))}
        </ul>
      )}
      <form onSubmit={onSubmit} className="mt-2 flex gap-2">
        <input
          aria-label={words.newPreset}
          placeholder={words.newPreset}
          value={name}
          maxLength={64}
          onChange={(e) => setName(e.target.value)}
          className="bg-ground placeholder:text-faint h-9 min-w-0 flex-1 rounded-md border px-2.5 text-[13px] max-md:h-11"
        />
        <Button
          type="submit"
          size="icon"
          className="max-md:size-11"
          aria-label={words.storePreset}
          title={words.storePreset}
          disabled={disabled || !name.trim() || store.isPending}
        >
          <Plus />
        </Button>
      </form>
      {error && (
        <p role="alert" className="text-warn mt-2 text-[13px]">
          {error.message}
        </p>
      )}
    </section>
  );
}

/** In place of a preset's name: Enter keeps what is typed, Escape what it was. */
function NameField({
  name,
  field,
  onDone,
}: {
  name: string;
  field: RefObject<HTMLInputElement | null>;
  onDone: (name: string | null, line: Element | null) => void;
}) {
  const [typed, setTyped] = useState(name);
  return (
    <form
      className="flex min-w-0 flex-1 gap-1 px-1"
      onSubmit={(e) => {
        e.preventDefault();
        onDone(typed.trim() || null, e.currentTarget.closest("li"));
      }}
    >
      <input
        ref={field}
        aria-label={words.presetName(name)}
        value={typed}
        maxLength={64}
        onFocus={(e) => e.target.select()}
        onChange={(e) => setTyped(e.target.value)}
        onKeyDown={(e) => {
          if (e.key !== "Escape") return;
          e.stopPropagation();
          onDone(null, e.currentTarget.closest("li"));
        }}
        className="bg-ground h-9 min-w-0 flex-1 rounded-md border px-2.5 text-[13px] max-md:h-11"
      />
      <Button type="submit" size="icon" className="max-md:size-11" aria-label={words.keepName} title={words.keepName}>
        <Check />
      </Button>
    </form>
  );
}
