import { Info, Siren, TriangleAlert } from "lucide-react";
import { cn } from "@/components/cn";
import { wordFor } from "@/i18n/catalogue";
import { words } from "./words";

const icons = { critical: Siren, warning: TriangleAlert, info: Info };
const tones = { critical: "text-alarm", warning: "text-warn", info: "text-accent" };

const known = (severity: string): keyof typeof icons =>
  Object.hasOwn(icons, severity) ? (severity as keyof typeof icons) : "warning";

export const severityWords = (severity: string): string => wordFor(words.severities, severity) ?? severity;

/** How bad it is, by its shape and not by its colour alone. */
export function SeverityMark({ severity, className }: { severity: string; className?: string }) {
  const Icon = icons[known(severity)];
  return (
    <Icon
      role="img"
      aria-label={severityWords(severity)}
      className={cn("size-4 shrink-0", tones[known(severity)], className)}
    />
  );
}

export function StateBadge({ state }: { state: string }) {
  return (
    <span
      className={cn(
        "shrink-0 rounded-full border px-2 py-0.5 text-[12px] whitespace-nowrap",
        state === "open" ? "bg-alarm-strong border-transparent text-white" : "text-soft",
      )}
    >
      {wordFor(words.states, state) ?? state}
    </span>
  );
}
