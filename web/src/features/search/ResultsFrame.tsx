import { useRef, type ReactNode } from "react";
import { detectionPageSize } from "@/api/detections";
import type { Camera } from "@/api/types";
import { useShortcuts } from "@/app/useShortcuts";
import { NewOnes } from "@/components/NewOnes";
import { Paged } from "@/components/Paged";
import { keyOf } from "./detection";
import { NothingFound } from "./NothingFound";
import { ResultPanel } from "./ResultPanel";
import { SearchFrame } from "./SearchFrame";
import type { Results } from "./useResults";
import type { Search } from "./useSearch";
import { words } from "./words";

/** Objects that were found, below what is looked for; the one that is open is played beside them. */
export function ResultsFrame({
  search,
  results,
  cameras,
  above,
  skeleton,
  children,
}: {
  search: Search;
  results: Results;
  cameras: readonly Camera[];
  above: ReactNode;
  skeleton: ReactNode;
  /** The list. */
  children: ReactNode;
}) {
  const { list, all, waiting, place, opened, open, close } = results;
  const top = useRef<HTMLDivElement>(null);
  const showNew = () => {
    search.again();
    // Whoever is at the top already stays where they are.
    if (top.current && top.current.getBoundingClientRect().top < 0) top.current.scrollIntoView();
  };
  useShortcuts({
    j: () => open(opened ? place + 1 : 0),
    k: () => opened && open(place - 1),
    Escape: () => opened && close(),
    r: search.again,
  });
  return (
    <SearchFrame
      panel={
        opened && (
          <ResultPanel
            key={keyOf(opened)}
            detection={opened}
            camera={cameras.find((c) => c.id === opened.cameraId)}
            onNext={place < all.length - 1 ? () => open(place + 1) : null}
            onPrevious={place > 0 ? () => open(place - 1) : null}
            onGone={close}
            onClose={close}
          />
        )
      }
    >
      {above}
      <div ref={top}>
        <div className="sticky top-2 z-20 flex h-0 justify-center">
          <NewOnes count={waiting} most={detectionPageSize} onShow={showNew} className="mt-1 shrink-0" />
        </div>
        <Paged
          pages={list}
          isEmpty={all.length === 0}
          what={words.theDetections}
          skeleton={skeleton}
          empty={<NothingFound search={search} cameras={cameras} />}
        >
          {children}
        </Paged>
      </div>
    </SearchFrame>
  );
}
