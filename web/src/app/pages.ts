import {
  Activity,
  BellRing,
  Cctv,
  Clapperboard,
  FileDown,
  LayoutGrid,
  Network,
  PlaySquare,
  Search,
  Settings,
  type LucideIcon,
} from "lucide-react";
import type { Permission } from "@/api/types";

/** Every page of the rail, in its order, and what one must be allowed to open it. */
export interface Page {
  to: string;
  /** Its name in the words of the app. */
  name: "live" | "playback" | "events" | "search" | "clips" | "exports" | "cameras" | "sites" | "health" | "settings";
  icon: LucideIcon;
  /** All of them; none for what is everybody's. */
  needs: readonly Permission[];
  /** A phone has no room for it in the rail: there it is in the account's menu. */
  wideOnly?: boolean;
  /** Pictures from edge to edge: it shows no heading of its own. */
  untitled?: boolean;
}

export const pages: readonly Page[] = [
  { to: "/live", name: "live", icon: LayoutGrid, needs: ["cameras.read", "live.view"], untitled: true },
  { to: "/playback", name: "playback", icon: PlaySquare, needs: ["cameras.read", "recordings.read"], untitled: true },
  { to: "/events", name: "events", icon: BellRing, needs: ["events.read"], untitled: true },
  { to: "/search", name: "search", icon: Search, needs: ["cameras.read", "events.read"] },
  { to: "/clips", name: "clips", icon: Clapperboard, needs: ["recordings.read"], wideOnly: true },
  { to: "/exports", name: "exports", icon: FileDown, needs: ["recordings.export"], wideOnly: true },
  { to: "/cameras", name: "cameras", icon: Cctv, needs: ["cameras.read"] },
  { to: "/sites", name: "sites", icon: Network, needs: ["cameras.read"], wideOnly: true },
  { to: "/system", name: "health", icon: Activity, needs: ["system.read"] },
  { to: "/settings", name: "settings", icon: Settings, needs: [], wideOnly: true },
];

/** The page that an address lies on. */
export function pageAt(path: string): Page | undefined {
  return pages.find(({ to }) => path === to || path.startsWith(`${to}/`));
}

export function allowedPages(may: (permission: Permission) => boolean): Page[] {
  return pages.filter(({ needs }) => needs.every(may));
}
