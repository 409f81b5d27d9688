import { useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { toast } from "sonner";
import { placeCamera, placeGroup } from "@/api/sites";
import { treeKey, type GetTreeTenantNode } from "@/api/tree";
import { words as pageWords } from "@/components/words";
import { placesOf } from "@/rights/grantWords";
import { inverse, moved, type Move } from "./moves";
import { words } from "./words";

/** Moves at once what is shown, tells the server, and offers the way back. What the server refuses goes back by itself. */
export function useMove(): (move: Move) => void {
  const queries = useQueryClient();
  return useCallback(
    (move: Move) => {
      const apply = async (step: Move, undo: boolean) => {
        await queries.cancelQueries({ queryKey: treeKey });
        const before = queries.getQueryData<GetTreeTenantNode>(treeKey);
        if (before) queries.setQueryData(treeKey, moved(before, step));
        try {
          await send(step);
          if (before)
            toast(
              said(step, before),
              undo ? { action: { label: pageWords.undo, onClick: () => void apply(inverse(step), false) } } : {},
            );
        } catch (error) {
          if (before) queries.setQueryData(treeKey, before);
          toast.error(error instanceof Error ? error.message : pageWords.unexpected);
        }
        await Promise.all([treeKey, ["sites"], ["cameras"]].map((queryKey) => queries.invalidateQueries({ queryKey })));
      };
      void apply(move, true);
    },
    [queries],
  );
}

function send(move: Move): Promise<unknown> {
  switch (move.kind) {
    case "site":
      return placeCamera(move.camera, { siteId: move.to });
    case "groups":
      return placeCamera(move.camera, { groupIds: [...move.to] });
    case "parent":
      return placeGroup(move.group, move.to);
  }
}

function said(move: Move, tree: GetTreeTenantNode): string {
  const places = placesOf(tree);
  switch (move.kind) {
    case "site":
      return words.movedToSite(places.camera.get(move.camera) ?? "", places.site.get(move.to) ?? "");
    case "groups":
      return words.movedToGroups(
        places.camera.get(move.camera) ?? "",
        move.to.map((id) => places.group.get(id) ?? id).join(", "),
      );
    case "parent":
      return words.movedGroup(places.group.get(move.group) ?? "", move.to && (places.group.get(move.to) ?? null));
  }
}
