import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { onFeed } from "@/api/feed";
import { useAlarmUpdates } from "@/api/alarms";
import { useMay } from "@/api/useMe";

/** What changed elsewhere is read again at once, and all of it after the feed was away. */
const kinds: Record<string, readonly string[][]> = {
  "tree.changed": [["tree"], ["sites"], ["cameras"]],
  "layout.changed": [["layouts"]],
  open: [["tree"], ["layouts"]],
};

export function useFeedUpdates(): void {
  const queries = useQueryClient();
  const may = useMay();
  const listens = may("cameras.read");
  useAlarmUpdates(may("events.read"));
  useEffect(() => {
    if (!listens) return;
    const stops = Object.entries(kinds).map(([type, keys]) =>
      onFeed(type, () => keys.forEach((queryKey) => void queries.invalidateQueries({ queryKey }))),
    );
    return () => stops.forEach((stop) => stop());
  }, [listens, queries]);
}
