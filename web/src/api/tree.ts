import { useQuery } from "@tanstack/react-query";
import { api } from "./client";
import type { Schemas } from "./types";

export type GetTreeCameraNode = Schemas["GetTreeCameraNode"];
/** Groups may span sites; a camera may be in several. `cameraIds` are those in it itself. */
export type GetTreeGroupNode = Schemas["GetTreeGroupNode"];
export type GetTreeTenantNode = Schemas["GetTreeTenantNode"];

export const treeKey = ["tree"];

/** Everything there is and where it stands, as far as one sees it. */
export function useTree(enabled = true) {
  return useQuery({
    queryKey: treeKey,
    queryFn: async ({ signal }) => (await api.get("/api/tree", { signal })).tenant,
    enabled,
    refetchInterval: 15_000,
  });
}

/** Every group with how deep it stands, in the order of the tree. */
export function* groupsOf(
  groups: readonly GetTreeGroupNode[],
  depth = 0,
): Generator<{ group: GetTreeGroupNode; depth: number }> {
  for (const group of groups) {
    yield { group, depth };
    yield* groupsOf(group.groups, depth + 1);
  }
}
