import { useRef, useState, type KeyboardEvent } from "react";
import type { GetTreeTenantNode } from "@/api/tree";
import { cn } from "@/components/cn";
import type { RowAction } from "@/components/ui/RowMenu";
import { moveOf, type Move } from "./moves";
import { nodesOf, type Node, type View } from "./nodes";
import { TreeRow } from "./TreeRow";
import { words } from "./words";

/** What is dragged, for the other tree of the page: the browser tells its content only when it is dropped. */
let dragged: Node | null = null;

export interface TreeViewProps {
  tree: GetTreeTenantNode;
  view: View;
  /** Anything at all may be put elsewhere. */
  mayDrag: boolean;
  /** Whether this may be. */
  mayMove: (move: Move) => boolean;
  onMove: (move: Move) => void;
  /** Asks where it shall go: the way of the keyboard and of the finger. */
  onAskMove: (node: Node) => void;
  actionsOf: (node: Node) => RowAction[];
}

/** Lines that open and close; what stands in them is put elsewhere by dragging or by `M` (WAI-ARIA tree pattern). */
export function TreeView({ tree, view, mayDrag, mayMove, onMove, onAskMove, actionsOf }: TreeViewProps) {
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const [current, setCurrent] = useState<string | null>(null);
  const [over, setOver] = useState<string | null>(null);
  const list = useRef<HTMLUListElement>(null);
  const nodes = nodesOf(tree, view, closed);
  const focused = nodes.find((n) => n.key === current) ?? nodes[0];

  const toggle = (node: Node, open: boolean) =>
    setClosed((before) => {
      const next = new Set(before);
      if (open) next.delete(node.key);
      else next.add(node.key);
      return next;
    });
  const focus = (node: Node | undefined | null) => {
    if (!node) return;
    setCurrent(node.key);
    const lines = [...(list.current?.children ?? [])] as HTMLElement[];
    lines.find((line) => line.dataset["key"] === node.key)?.focus();
  };
  const onKey = (event: KeyboardEvent, node: Node) => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    const at = nodes.indexOf(node);
    const open = node.hasChildren && !closed.has(node.key);
    switch (event.key) {
      case "ArrowDown":
        focus(nodes[at + 1]);
        break;
      case "ArrowUp":
        focus(nodes[at - 1]);
        break;
      case "Home":
        focus(nodes[0]);
        break;
      case "End":
        focus(nodes.at(-1));
        break;
      case "ArrowRight":
        if (open) focus(nodes[at + 1]);
        else if (node.hasChildren) toggle(node, true);
        break;
      case "ArrowLeft":
        if (open) toggle(node, false);
        else focus(node.parent);
        break;
      case "m":
        onAskMove(node);
        break;
      default:
        return;
    }
    event.preventDefault();
  };
  const wanted = (target: Node | null): Move | null => {
    const move = dragged && moveOf(tree, dragged, target);
    return move && mayMove(move) ? move : null;
  };
  const dropOn = (target: Node | null) => ({
    onDragOver: (event: React.DragEvent) => {
      event.stopPropagation();
      if (!wanted(target)) return setOver(null);
      event.preventDefault();
      setOver(target?.key ?? "");
    },
    onDragLeave: () => setOver(null),
    onDrop: (event: React.DragEvent) => {
      event.stopPropagation();
      event.preventDefault();
      const move = wanted(target);
      setOver(null);
      dragged = null;
      if (move) onMove(move);
    },
  });

  return (
    <div className="bg-panel overflow-hidden rounded-lg border">
      <ul ref={list} role="tree" aria-label={words.treeOf[view]} className="p-1.5">
        {nodes.map((node) => (
          <TreeRow
            key={node.key}
            node={node}
            open={node.hasChildren ? !closed.has(node.key) : undefined}
            tabIndex={node === focused ? 0 : -1}
            isOver={over !== null && over === node.key}
            actions={actionsOf(node)}
            draggable={mayDrag && node.kind !== "site"}
            onToggle={() => toggle(node, closed.has(node.key))}
            onFocus={() => setCurrent(node.key)}
            onKeyDown={(event) => onKey(event, node)}
            onDragStart={() => (dragged = node)}
            onDragEnd={() => (dragged = null)}
            {...dropOn(node)}
          />
        ))}
      </ul>
      {view === "groups" && mayDrag && (
        <div
          {...dropOn(null)}
          aria-hidden
          className={cn(
            "text-faint mx-1.5 mb-1.5 hidden rounded-md border border-dashed px-3 py-1.5 text-center text-[12px] md:block",
            over === "" && "border-accent text-accent",
          )}
        >
          {words.dropHere}
        </div>
      )}
    </div>
  );
}
