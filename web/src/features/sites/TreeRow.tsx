import { Cctv, ChevronRight, FolderClosed, MapPin } from "lucide-react";
import { useState, type DragEventHandler, type KeyboardEvent } from "react";
import { toneDot, toneText, type Tone } from "@/components/cameraWords";
import { cn } from "@/components/cn";
import { RowMenu, type RowAction } from "@/components/ui/RowMenu";
import { words as pageWords } from "@/components/words";
import { wordFor } from "@/i18n/catalogue";
import { countOf, type Node } from "./nodes";
import { words } from "./words";

const icons = { site: MapPin, group: FolderClosed, camera: Cctv };

const tones: Readonly<Record<string, Tone>> = {
  online: "good",
  connecting: "soft",
  idle: "soft",
  disabled: "soft",
  unauthorized: "alarm",
  offline: "alarm",
  unsupported: "warn",
};

/** One line: what it is, how it is there, and what can be done with it. */
export function TreeRow({
  node,
  open,
  tabIndex,
  isOver,
  actions,
  draggable,
  onToggle,
  onFocus,
  onKeyDown,
  ...drag
}: {
  node: Node;
  /** Undefined where nothing is in it. */
  open: boolean | undefined;
  tabIndex: number;
  isOver: boolean;
  actions: RowAction[];
  draggable: boolean;
  onToggle: () => void;
  onFocus: () => void;
  onKeyDown: (event: KeyboardEvent) => void;
  onDragStart: () => void;
  onDragEnd: () => void;
  onDragOver: DragEventHandler;
  onDragLeave: DragEventHandler;
  onDrop: DragEventHandler;
}) {
  const [menu, setMenu] = useState(false);
  const Icon = icons[node.kind];
  return (
    <li
      role="treeitem"
      aria-level={node.level}
      aria-expanded={open}
      aria-selected={false}
      aria-label={`${node.name}, ${stateText(node)}`}
      aria-keyshortcuts={draggable ? "m" : undefined}
      data-key={node.key}
      tabIndex={tabIndex}
      draggable={draggable}
      onFocus={onFocus}
      onKeyDown={(event) => {
        if (event.key === "Enter" && event.target === event.currentTarget && actions.length > 0) {
          event.preventDefault();
          setMenu(true);
        } else onKeyDown(event);
      }}
      {...drag}
      className={cn(
        "group hover:bg-raised/60 flex min-h-9 items-center gap-2 rounded-md pr-1 -outline-offset-2 max-md:min-h-12",
        draggable && "md:cursor-grab",
        isOver && "bg-accent/15 ring-accent ring-1",
      )}
      style={{ paddingLeft: `${(node.level - 1) * 1.25 + 0.25}rem` }}
    >
      {open === undefined ? (
        <span className="w-6 shrink-0" />
      ) : (
        <button
          type="button"
          tabIndex={-1}
          aria-hidden
          onClick={onToggle}
          className="text-soft hover:text-text grid size-6 shrink-0 place-items-center rounded max-md:size-11"
        >
          <ChevronRight className={cn("size-4 transition-transform duration-100", open && "rotate-90")} />
        </button>
      )}
      <Icon className="text-soft size-4 shrink-0 stroke-[1.75]" aria-hidden />
      <span className={cn("min-w-0 flex-1 truncate", node.kind !== "camera" && "font-medium")}>{node.name}</span>{" "}
      <State node={node} />
      <span className="w-9 shrink-0 max-md:w-11">
        <RowMenu
          label={pageWords.actionsFor(node.name)}
          actions={actions}
          open={menu}
          onOpenChange={(opened) => setMenu(opened)}
        />
      </span>
    </li>
  );
}

function State({ node }: { node: Node }) {
  const camera = node.kind === "camera" ? node.cameras[0] : undefined;
  if (camera) {
    const tone = tones[camera.state] ?? "soft";
    return (
      <span className={cn("flex shrink-0 items-center gap-1.5 text-[13px]", toneText[tone])}>
        <span className={cn("size-2 rounded-full", toneDot[tone])} aria-hidden />
        <span className={cn(camera.state === "online" && "max-md:sr-only")}>{stateText(node)}</span>
      </span>
    );
  }
  const { all, bad } = countOf(node.cameras);
  return (
    <span className="text-soft tabular shrink-0 text-[13px]">
      {bad > 0 && <span className="text-alarm">{words.bad(bad)} · </span>}
      {words.count(all)}
    </span>
  );
}

function stateText(node: Node): string {
  const camera = node.kind === "camera" ? node.cameras[0] : undefined;
  if (camera) return wordFor(pageWords.states, camera.state) ?? camera.state;
  const { all, bad } = countOf(node.cameras);
  return bad > 0 ? `${words.bad(bad)} · ${words.count(all)}` : words.count(all);
}
