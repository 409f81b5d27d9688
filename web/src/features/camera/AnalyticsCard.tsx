import { ScanSearch } from "lucide-react";
import { Link } from "react-router";
import type { Camera } from "@/api/types";
import { Button } from "@/components/ui/Button";
import { AnalysisState } from "@/features/analytics/AnalysisState";
import { Card, Facts } from "./Card";
import { words } from "./words";

/** Whether its pictures are looked at, how that goes, and the way to what is drawn on them. */
export function AnalyticsCard({ camera, mayChange }: { camera: Camera; mayChange: boolean }) {
  const { zones, lines, motion } = camera.analytics;
  return (
    <Card
      title={words.analysis}
      action={
        <Button size="sm" className="max-md:h-11" asChild>
          <Link to={`/cameras/${camera.id}/analytics`}>
            <ScanSearch /> {mayChange ? words.setUp : words.look}
          </Link>
        </Button>
      }
    >
      <div className="space-y-2">
        <AnalysisState camera={camera} />
        <Facts facts={[[words.drawn, words.drawnParts(zones.length, lines.length, motion.masks.length)]]} />
      </div>
    </Card>
  );
}
