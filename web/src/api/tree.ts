import { useQuery } from "@tanstack/react-query";
import { call } from "./client";
import type { CameraStateName } from "./types";

export interface GetTreeCameraNode {
  id: string;
  name: string;
  enabled: boolean;
  state: CameraStateName;
  stateReason?: string | null;
  recordingState: string;
  groupIds: string[];
}

export interface GetTreeSiteNode {
  id: string;
  name: string;
  cameras: GetTreeCameraNode[];
}

/** Groups may span sites; a camera may be in several. `cameraIds` are those in it itself. */
export interface GetTreeGroupNode {
  id: string;
  name: string;
  groups: GetTreeGroupNode[];
  cameraIds: string[];
}

export interface GetTreeTenantNode {
  id: string;
  name: string;
  sites: GetTreeSiteNode[];
  groups: GetTreeGroupNode[];
}

export const treeKey = ["tree"];

/** Everything there is and where it stands, as far as one sees it. */
export function useTree(enabled = true) {
  return useQuery({
    queryKey: treeKey,
    queryFn: async ({ signal }) =>
      (await call<{ tenant: GetTreeTenantNode }>("GET", "/api/tree", undefined, signal)).tenant,
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
