import { HardDrive } from "lucide-react";
import { useState } from "react";
import { useMay } from "@/api/useMe";
import { cn } from "@/components/cn";
import { Button } from "@/components/ui/Button";
import { MoveDialog } from "./MoveDialog";
import { poolFill, poolTrouble, poolWords, useStorage } from "./storage";
import { words } from "./words";

/** One bar per storage pool: what is in it, what room it has, how long that lasts. */
export function StoragePools() {
  const pools = useStorage().data?.pools ?? [];
  const mayMove = useMay()("system.write") && pools.length > 1;
  const [moving, setMoving] = useState<string | null>(null);
  if (pools.length === 0) return null;
  return (
    <section aria-label={words.storagePools}>
      <h2 className="mb-3 font-semibold">{words.storage}</h2>
      <ul className="bg-panel divide-y rounded-lg border">
        {pools.map((pool) => {
          const trouble = poolTrouble(pool);
          const filled = Math.round(poolFill(pool) * 100);
          return (
            <li key={pool.name} className="space-y-2 px-4 py-3">
              <div className="flex flex-wrap items-baseline justify-between gap-x-4">
                <span className="flex items-center gap-2 font-medium">
                  <HardDrive className={cn("size-4", trouble ? "text-alarm" : "text-soft")} aria-hidden />
                  {pool.name}
                </span>
                <span className="text-soft flex flex-wrap items-center gap-x-3 text-[13px]">
                  {trouble ? <span className="text-alarm">{trouble}</span> : poolWords(pool)}
                  {mayMove && pool.state !== "away" && (
                    <Button
                      size="sm"
                      variant="ghost"
                      className="max-md:h-11"
                      aria-label={words.moveFrom(pool.name)}
                      onClick={() => setMoving(pool.name)}
                    >
                      {words.move}
                    </Button>
                  )}
                </span>
              </div>
              <div
                role="meter"
                aria-label={words.filled(pool.name)}
                aria-valuemin={0}
                aria-valuemax={100}
                aria-valuenow={filled}
                className="bg-line h-2 overflow-hidden rounded-full"
              >
                <div
                  className={cn("h-full rounded-full", trouble ? "bg-alarm" : "bg-good")}
                  style={{ width: `${filled}%` }}
                />
              </div>
            </li>
          );
        })}
      </ul>
      {moving && <MoveDialog from={moving} pools={pools} onClose={() => setMoving(null)} />}
    </section>
  );
}
