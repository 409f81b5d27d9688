import { FileDown } from "lucide-react";
import { useState } from "react";
import type { Camera } from "@/api/types";
import { useMay } from "@/api/useMe";
import { Button } from "@/components/ui/Button";
import type { Span } from "@/timeline/footage";
import { ExportDialog } from "./ExportDialog";
import { words } from "./words";

/** Asks for an export of a selected range. Not there for whoever may not export. */
export function ExportButton({ cameras, range }: { cameras: readonly Camera[]; range: Span }) {
  const [open, setOpen] = useState(false);
  const may = useMay()("recordings.export");
  if (!may) return null;
  return (
    <>
      <Button size="sm" className="max-md:h-11" onClick={() => setOpen(true)} title={words.exportTitle}>
        <FileDown /> {words.exportDots}
      </Button>
      {open && <ExportDialog cameras={cameras} range={range} onClose={() => setOpen(false)} />}
    </>
  );
}
