import { ChevronDown, ChevronUp, X } from "lucide-react";
import type { ReactNode } from "react";
import { words as pageWords } from "@/components/words";
import { Drawer } from "@/components/ui/Drawer";
import { useWide } from "@/components/useWide";
import { words } from "./words";

/** What is open of a list: beside it where there is room, else over it from below. With the way to the one before and the one after. */
export function DetailPane({
  title,
  lead,
  onPrevious,
  onNext,
  onClose,
  children,
}: {
  title: string;
  lead: ReactNode;
  /** Absent: there is none. */
  onPrevious: (() => void) | undefined;
  onNext: (() => void) | undefined;
  onClose: () => void;
  children: ReactNode;
}) {
  const wide = useWide();
  const steps = (
    <div className="flex shrink-0">
      <Step label={words.previous} keys="K" onClick={onPrevious}>
        <ChevronUp className="size-4" aria-hidden />
      </Step>
      <Step label={words.next} keys="J" onClick={onNext}>
        <ChevronDown className="size-4" aria-hidden />
      </Step>
    </div>
  );
  if (!wide)
    return (
      <Drawer
        title={title}
        tools={steps}
        description={lead}
        className="max-sm:max-h-[94dvh] sm:w-[min(36rem,100vw)]"
        bare
        onClose={onClose}
      >
        {children}
      </Drawer>
    );
  return (
    <section aria-label={words.detail} className="bg-panel flex min-w-0 flex-1 flex-col border-l">
      <header className="flex items-start gap-3 border-b px-4 py-2.5">
        <div className="min-w-0 flex-1">
          <h2 className="font-semibold break-words">{title}</h2>
          <p className="text-soft text-[13px]">{lead}</p>
        </div>
        {steps}
        <button
          type="button"
          aria-label={pageWords.close}
          title={words.closeKey}
          onClick={onClose}
          className="text-soft hover:bg-raised hover:text-text grid size-9 shrink-0 place-items-center rounded-md"
        >
          <X className="size-4" aria-hidden />
        </button>
      </header>
      <div className="min-h-0 flex-1 overflow-y-auto">{children}</div>
    </section>
  );
}

function Step({
  label,
  keys,
  onClick,
  children,
}: {
  label: string;
  keys: string;
  onClick: (() => void) | undefined;
  children: ReactNode;
}) {
  return (
    <button
      type="button"
      aria-label={label}
      title={words.withKey(label, keys)}
      disabled={!onClick}
      onClick={onClick}
      className="text-soft hover:bg-raised hover:text-text grid size-9 place-items-center rounded-md disabled:opacity-40 max-lg:size-11"
    >
      {children}
    </button>
  );
}
