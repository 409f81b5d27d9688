import { Link } from "react-router";
import type { AlarmView } from "@/api/alarms";
import { useMay } from "@/api/useMe";
import { cn } from "@/components/cn";
import { calledWords } from "@/events/ruleWords";
import { words } from "./words";

/** Which rule raised an alarm, with the way to it where there still is one, for those who may change it. */
export function OfRule({ alarm, className }: { alarm: Pick<AlarmView, "ruleId" | "ruleName">; className?: string }) {
  const mayChange = useMay()("rules.write");
  const text = words.ofRule(calledWords(alarm.ruleName));
  if (!mayChange || alarm.ruleId === null) return <span className={className}>{text}</span>;
  return (
    <Link
      to={`/settings/rules/${encodeURIComponent(alarm.ruleId)}`}
      className={cn("hover:text-text underline decoration-dotted underline-offset-2", className)}
    >
      {text}
    </Link>
  );
}
