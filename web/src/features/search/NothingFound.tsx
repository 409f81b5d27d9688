import { ScanSearch, SearchX } from "lucide-react";
import { Link } from "react-router";
import type { Camera } from "@/api/types";
import { useMay } from "@/api/useMe";
import { EmptyState } from "@/components/States";
import { Button } from "@/components/ui/Button";
import type { Search } from "./useSearch";
import { anything, isNarrowed } from "./wish";
import { words } from "./words";

/** Why there may be nothing, and what finds more. */
export function NothingFound({ search, cameras }: { search: Search; cameras: readonly Camera[] }) {
  const { wish, change } = search;
  const mayChange = useMay()("cameras.write");
  const analysed = cameras.some((c) => c.analytics.enabled);
  return (
    <div className="bg-panel rounded-lg border">
      {!analysed && cameras.length > 0 ? (
        <EmptyState icon={<ScanSearch />} title={words.noAnalytics} detail={words.noAnalyticsDetail}>
          {mayChange && (
            <Button asChild variant="primary" className="max-md:h-11">
              <Link to="/cameras">{words.toCameras}</Link>
            </Button>
          )}
        </EmptyState>
      ) : (
        <EmptyState
          icon={<SearchX />}
          title={words.nothing}
          detail={isNarrowed(wish) ? words.nothingSo : words.nothingThen}
        >
          {isNarrowed(wish) && (
            <Button className="max-md:h-11" onClick={() => change({ ...anything, time: wish.time })}>
              {words.clear}
            </Button>
          )}
          {wish.time !== "90d" && (
            <Button className="max-md:h-11" onClick={() => change({ time: "90d", narrow: null })}>
              {words.lookFurther}
            </Button>
          )}
        </EmptyState>
      )}
    </div>
  );
}
