import type { Camera } from "@/api/types";
import { cn } from "@/components/cn";
import { layoutOf, layoutsFor, withCamera, withLayout, type Choice } from "./cameraChoices";
import { words } from "./words";

/** Which camera is in the active tile, and how many tiles there are. */
export function CameraChoice({
  all,
  cameras,
  active,
  onChange,
}: {
  all: readonly Camera[];
  cameras: string[];
  active: number;
  onChange: (cameras: string[], active: number) => void;
}) {
  const change = (choice: Choice) => onChange(choice.cameras, choice.active);
  const ids = all.map((c) => c.id);
  return (
    <div className="flex min-w-0 items-center gap-2 max-md:flex-1 max-md:gap-1">
      <select
        aria-label={words.camera}
        value={cameras[active]}
        onChange={(e) => {
          change(withCamera({ cameras, active }, e.target.value));
          e.target.blur();
        }}
        className="bg-raised h-9 max-w-56 min-w-0 rounded-md border px-2 font-medium max-md:h-11 max-md:w-20 max-md:max-w-none max-md:flex-1"
      >
        {all.map((c) => (
          <option key={c.id} value={c.id}>
            {c.name}
          </option>
        ))}
      </select>
      {all.length > 1 && (
        <div role="group" aria-label={words.camerasAtATime} className="flex gap-0.5">
          {layoutsFor(all.length).map((layout) => {
            const chosen = layoutOf(cameras) === layout;
            return (
              <button
                key={layout}
                type="button"
                aria-pressed={chosen}
                aria-label={layout === 1 ? words.oneCamera : words.camerasInStep(layout)}
                title={layout === 1 ? words.oneCamera : words.camerasInStep(layout)}
                onClick={() => change(withLayout({ cameras, active }, layout, ids))}
                className={cn(
                  "tabular text-soft hover:bg-raised hover:text-text size-9 rounded-md text-[13px] max-md:size-11",
                  chosen && "bg-raised text-accent",
                  // A phone has no room for more buttons, nor for the pictures.
                  layout > 4 && "max-md:hidden",
                )}
              >
                {layout}
              </button>
            );
          })}
        </div>
      )}
    </div>
  );
}
