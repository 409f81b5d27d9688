import { useDeleteCameraGroup, useDeleteSite } from "@/api/sites";
import { ConfirmDialog } from "@/components/ConfirmDialog";
import type { Node } from "./nodes";
import { words } from "./words";

export function DeleteSite({ site, onClose }: { site: Node; onClose: () => void }) {
  const remove = useDeleteSite();
  const cameras = site.cameras.length;
  return (
    <ConfirmDialog
      title={words.deleteSite(site.name)}
      description={cameras > 0 ? words.deleteSiteNotEmpty(cameras) : words.deleteSiteDetail}
      action={words.deleteSiteAct}
      error={remove.error}
      busy={remove.isPending}
      disabled={cameras > 0}
      onConfirm={() => remove.mutate(site.id, { onSuccess: onClose })}
      onClose={onClose}
    />
  );
}

export function DeleteGroup({ group, onClose }: { group: Node; onClose: () => void }) {
  const remove = useDeleteCameraGroup();
  return (
    <ConfirmDialog
      title={words.deleteGroup(group.name)}
      description={words.deleteGroupDetail}
      action={words.deleteGroupAct}
      error={remove.error}
      busy={remove.isPending}
      onConfirm={() => remove.mutate(group.id, { onSuccess: onClose })}
      onClose={onClose}
    />
  );
}
