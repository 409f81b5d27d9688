import type { ReactNode } from "react";
import { CopyButton } from "@/components/CopyButton";
import { Button } from "@/components/ui/Button";
import { Dialog } from "@/components/ui/Dialog";
import { words } from "./words";

/** What nothing shows again: it closes by a button that says so. */
export function ShownSecret({
  title,
  lead,
  values,
  children,
  onClose,
}: {
  title: string;
  lead: string;
  values: readonly { label: string; value: string; testId?: string }[];
  children?: ReactNode;
  onClose: () => void;
}) {
  return (
    <Dialog title={title} description={lead} unsaved onClose={onClose} className="sm:w-[36rem]">
      <div className="space-y-3">
        {values.map(({ label, value, testId }) => (
          <div key={label}>
            <p className="text-soft mb-1 text-[13px] font-medium">{label}</p>
            <div className="bg-ground flex items-center gap-3 rounded-md border p-3">
              <code data-testid={testId} className="min-w-0 flex-1 text-[13px] break-all">
                {value}
              </code>
              <CopyButton text={value} />
            </div>
          </div>
        ))}
        {children}
        <div className="flex justify-end">
          <Button variant="primary" className="max-md:h-11" onClick={onClose}>
            {words.kept}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
