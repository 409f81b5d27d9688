import { Settings2, type LucideIcon } from "lucide-react";
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { IntegrationView } from "@/api/integrations";
import type { Tone } from "@/components/cameraWords";
import { ListSkeleton } from "@/components/ListSkeleton";
import { QueryError } from "@/components/States";
import { Button } from "@/components/ui/Button";
import { LinkState } from "./LinkState";
import { Part } from "./Part";
import { words } from "./words";

/** A service of the operator's: how the connection to it is, and the way to its settings. */
export function ServiceCard<T extends IntegrationView>({
  icon,
  title,
  lead,
  query,
  stateWords,
  isLasting = true,
  onSet,
  actions,
  children,
}: {
  icon: LucideIcon;
  title: string;
  lead: string;
  query: UseQueryResult<T>;
  stateWords: (state: string) => { text: string; tone: Tone };
  /** Its state goes on, and is no outcome of the last message. */
  isLasting?: boolean;
  onSet: () => void;
  /** Besides the settings, while it is switched on. */
  actions?: ReactNode;
  /** The window that is open. */
  children: (view: T) => ReactNode;
}) {
  const view = query.data;
  return (
    <Part
      icon={icon}
      title={title}
      lead={lead}
      action={
        view && (
          <div className="flex flex-wrap gap-2">
            {view.state !== "off" && actions}
            <Button className="max-md:h-11" onClick={onSet}>
              <Settings2 /> {view.settings.host ? words.settings : words.setUp}
            </Button>
          </div>
        )
      }
    >
      {query.isPending ? (
        <div className="p-4">
          <ListSkeleton lines={1} className="h-8" />
        </div>
      ) : !view ? (
        <QueryError what={title} error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <LinkState
          shown={stateWords(view.state)}
          state={view.state}
          since={view.stateSince}
          error={view.stateError}
          sent={Number(view.sent)}
          refused={Number(view.refused)}
          refusal={view.refusal}
          isLasting={isLasting}
          address={view.settings.host ? `${view.settings.host}:${view.settings.port ?? ""}` : ""}
        />
      )}
      {view && children(view)}
    </Part>
  );
}
