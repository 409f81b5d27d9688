import { Lock } from "lucide-react";
import type { ReactNode } from "react";
import { useMay, useMe } from "@/api/useMe";
import type { Permission } from "@/api/types";
import { EmptyState, Skeleton } from "./States";
import { words } from "./words";

/** Its children for whoever may do all of it: nothing is asked of the server that it would refuse. */
export function Needs({ all, what, children }: { all: readonly Permission[]; what: string; children: ReactNode }) {
  const me = useMe();
  const may = useMay();
  if (me.isPending) return <Skeleton className="h-40" />;
  // A server that does not answer is not a refusal: the page says what is the matter.
  if (me.isError || all.every(may)) return children;
  return <EmptyState icon={<Lock />} title={words.noPermission} detail={words.askAdministrator(what)} />;
}
