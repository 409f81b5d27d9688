import {
  Bell,
  BookmarkPlus,
  Camera,
  CircleDot,
  Mail,
  Move3d,
  RadioTower,
  Siren,
  ToggleRight,
  Volume2,
  Webhook,
  type LucideIcon,
} from "lucide-react";
import type { ActionType } from "./draft";

export const actionIcons: Readonly<Record<ActionType, LucideIcon>> = {
  alarm: Siren,
  snapshot: Camera,
  record: CircleDot,
  bookmark: BookmarkPlus,
  push: Bell,
  email: Mail,
  webhook: Webhook,
  mqtt: RadioTower,
  sound: Volume2,
  ptz: Move3d,
  relay: ToggleRight,
};
