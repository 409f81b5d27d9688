import { Lock } from "lucide-react";
import { EmptyState } from "@/components/States";
import { words as pageWords } from "@/components/words";
import { words } from "./words";

/** A section that is not for this account: its address can be typed, or come from a colleague. */
export function NoSection({ name }: { name: string }) {
  return (
    <div className="bg-panel rounded-lg border">
      <EmptyState icon={<Lock />} title={pageWords.noPermission} detail={words.notForYou(name)} />
    </div>
  );
}
