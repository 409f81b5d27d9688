import { Cctv, ChevronDown, Folder } from "lucide-react";
import { Popover } from "radix-ui";
import { useState } from "react";
import { groupsOf, type GetTreeTenantNode } from "@/api/tree";
import type { Camera } from "@/api/types";
import { Button } from "@/components/ui/Button";
import { Check } from "@/components/ui/Check";
import { words as pageWords } from "@/components/words";
import { words } from "./words";

interface Chosen {
  cameras: string[];
  groups: string[];
}

const toggled = (ids: readonly string[], id: string): string[] =>
  ids.includes(id) ? ids.filter((i) => i !== id) : [...ids, id];

/** Which cameras, and groups of them; none chosen means all. */
export function CameraPicker({
  cameras,
  tree,
  chosen,
  onChange,
}: {
  cameras: readonly Camera[];
  tree: GetTreeTenantNode | undefined;
  chosen: Chosen;
  onChange: (chosen: Chosen) => void;
}) {
  const [sought, setSought] = useState("");
  const groups = [...groupsOf(tree?.groups ?? [])];
  // A link may name one that is gone: it is looked for, and nothing is found.
  const names = [
    ...chosen.groups.map((id) => groups.find(({ group }) => group.id === id)?.group.name ?? id),
    ...chosen.cameras.map((id) => cameras.find((c) => c.id === id)?.name ?? id),
  ];
  const wanted = (name: string) => name.toLowerCase().includes(sought.trim().toLowerCase());
  const shownGroups = groups.filter(({ group }) => wanted(group.name));
  const shownCameras = cameras.filter((c) => wanted(c.name));
  return (
    <Popover.Root onOpenChange={() => setSought("")}>
      <Popover.Trigger asChild>
        <Button className="max-w-64 min-w-0 max-md:h-11 max-md:max-w-none max-md:basis-full">
          <Cctv />
          <span className="truncate">{names.length === 0 ? words.allCameras : names.join(", ")}</span>
          <ChevronDown className="text-faint" />
        </Button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          role="dialog"
          aria-label={words.cameras}
          align="start"
          sideOffset={6}
          collisionPadding={8}
          className="bg-panel z-50 flex max-h-[min(28rem,var(--radix-popover-content-available-height))] w-72 flex-col rounded-lg border shadow-2xl"
        >
          <div className="flex gap-2 border-b p-2">
            <input
              type="search"
              aria-label={pageWords.filter}
              placeholder={pageWords.filter}
              value={sought}
              onChange={(e) => setSought(e.target.value)}
              className="bg-ground h-9 min-w-0 flex-1 rounded-md border px-2 max-md:h-11"
            />
            <Button
              variant="ghost"
              size="sm"
              className="h-9 max-md:h-11"
              disabled={names.length === 0}
              onClick={() => onChange({ cameras: [], groups: [] })}
            >
              {words.all}
            </Button>
          </div>
          <div className="min-h-0 overflow-y-auto p-3">
            {shownGroups.map(({ group, depth }) => (
              <Check
                key={group.id}
                style={{ marginLeft: `${depth}rem` }}
                label={
                  <span className="flex items-center gap-1.5">
                    <Folder className="text-faint size-4 shrink-0" aria-hidden /> {group.name}
                  </span>
                }
                checked={chosen.groups.includes(group.id)}
                onChange={() => onChange({ ...chosen, groups: toggled(chosen.groups, group.id) })}
              />
            ))}
            {shownCameras.map((camera) => (
              <Check
                key={camera.id}
                label={camera.name}
                checked={chosen.cameras.includes(camera.id)}
                onChange={() => onChange({ ...chosen, cameras: toggled(chosen.cameras, camera.id) })}
              />
            ))}
            {shownGroups.length + shownCameras.length === 0 && <p className="text-soft">{words.noSuchCamera}</p>}
          </div>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
