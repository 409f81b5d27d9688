import type { Permission } from "@/api/types";

/** Every permission once, as an operator thinks of them: what belongs together, the everyday first. */
export const permissionGroups = {
  watching: ["cameras.read", "live.view", "ptz.control", "relays.write"],
  recordings: [
    "recordings.read",
    "recordings.start",
    "recordings.export",
    "bookmarks.write",
    "clips.write",
    "recordings.hold",
    "recordings.delete",
  ],
  events: ["events.read", "alarms.write", "detections.write", "rules.write", "plates.write", "events.write"],
  setup: [
    "cameras.write",
    "imaging.write",
    "devices.discover",
    "sites.write",
    "groups.write",
    "layouts.write",
    "streams.publish",
  ],
  people: ["users.read", "users.write", "roles.write", "apikeys.write", "audit.read"],
  system: [
    "system.read",
    "system.write",
    "jobs.read",
    "jobs.write",
    "servers.write",
    "tenants.write",
    "integrations.write",
  ],
} as const satisfies Record<string, readonly Permission[]>;

export type PermissionGroup = keyof typeof permissionGroups;

export const groupNames = Object.keys(permissionGroups) as PermissionGroup[];
