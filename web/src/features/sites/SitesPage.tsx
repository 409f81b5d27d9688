import { FolderClosed, FolderInput, Gauge, LayoutGrid, MapPin, Pencil, Plus, Tags, Trash2 } from "lucide-react";
import { useState } from "react";
import { useNavigate, useSearchParams } from "react-router";
import { useTree } from "@/api/tree";
import { useMay } from "@/api/useMe";
import { cn } from "@/components/cn";
import { ListSkeleton } from "@/components/ListSkeleton";
import { EmptyState, QueryError } from "@/components/States";
import { Button } from "@/components/ui/Button";
import { RowMenu, type RowAction } from "@/components/ui/RowMenu";
import { words as pageWords } from "@/components/words";
import { DeleteGroup, DeleteSite } from "./DeleteDialogs";
import { GroupDialog } from "./GroupDialog";
import { MoveDialog } from "./MoveDialog";
import type { Move } from "./moves";
import type { Node, View } from "./nodes";
import { OtherServers } from "./OtherServers";
import { SiteDialog } from "./SiteDialog";
import { TenantLimits } from "./TenantLimits";
import { TreeView } from "./TreeView";
import { useMove } from "./useMove";
import { words } from "./words";

const views: readonly View[] = ["sites", "groups"];

type Asked =
  | { what: "site"; node: Node | null }
  | { what: "group"; node: Node | null; within: Node | null }
  | { what: "move" | "delete"; node: Node }
  | { what: "limits" };

/** Everything there is and where it stands: sites with their cameras, and groups across them. On a phone one of both, by `?view=`. */
export function SitesPage() {
  const [search, setSearch] = useSearchParams();
  const [asked, setAsked] = useState<Asked | null>(null);
  const navigate = useNavigate();
  const may = useMay();
  const tree = useTree();
  const move = useMove();
  const shown: View = search.get("view") === "groups" ? "groups" : "sites";
  const mayPlace = may("cameras.write");
  const mayGroup = may("groups.write");
  const maySite = may("sites.write");
  const mayMove = (m: Move) => (m.kind === "site" ? mayPlace : m.kind === "groups" ? mayPlace && mayGroup : mayGroup);
  const close = () => setAsked(null);

  const actionsOf = (node: Node): RowAction[] => {
    const ask = (what: "move" | "delete") => () => setAsked({ what, node });
    if (node.kind === "site")
      return maySite
        ? [
            { label: words.edit, icon: Pencil, onSelect: () => setAsked({ what: "site", node }) },
            { label: words.delete, icon: Trash2, danger: true, onSelect: ask("delete") },
          ]
        : [];
    if (node.kind === "group")
      return mayGroup
        ? [
            {
              label: words.rename,
              icon: Pencil,
              onSelect: () => setAsked({ what: "group", node, within: node.parent }),
            },
            {
              label: words.addGroupWithin(node.name),
              icon: Plus,
              onSelect: () => setAsked({ what: "group", node: null, within: node }),
            },
            { label: words.moveGroup, icon: FolderInput, onSelect: ask("move") },
            { label: words.delete, icon: Trash2, danger: true, onSelect: ask("delete") },
          ]
        : [];
    const inSites = node.parent?.kind === "site";
    return [
      ...(may("live.view")
        ? [{ label: words.live, icon: LayoutGrid, onSelect: () => void navigate(`/live?camera=${node.id}`) }]
        : []),
      ...(inSites && mayPlace ? [{ label: words.moveTo, icon: FolderInput, onSelect: ask("move") }] : []),
      ...(!inSites && mayPlace && mayGroup ? [{ label: words.inGroups, icon: Tags, onSelect: ask("move") }] : []),
    ];
  };
  const askMove = (node: Node) => {
    const inSites = node.parent?.kind === "site";
    if (node.kind === "camera" ? mayPlace && (inSites || mayGroup) : node.kind === "group" && mayGroup)
      setAsked({ what: "move", node });
  };

  return (
    <div className="mx-auto max-w-7xl p-4 md:p-8">
      <header className="mb-6 flex flex-wrap items-start justify-between gap-3">
        <div>
          <h1 className="text-xl font-semibold">{words.sites}</h1>
          {tree.data && (
            <p className="text-soft">
              {words.lead(
                tree.data.sites.reduce((n, s) => n + s.cameras.length, 0),
                tree.data.sites.length,
              )}
            </p>
          )}
        </div>
        <div className="flex flex-wrap gap-2">
          {mayGroup && (
            <Button className="max-md:h-11" onClick={() => setAsked({ what: "group", node: null, within: null })}>
              <Plus /> {words.addGroup}
            </Button>
          )}
          {maySite && (
            <Button variant="primary" className="max-md:h-11" onClick={() => setAsked({ what: "site", node: null })}>
              <Plus /> {words.addSite}
            </Button>
          )}
          {may("tenants.write") && (
            <RowMenu
              label={pageWords.actionsFor(words.sites)}
              actions={[{ label: words.tenantLimits, icon: Gauge, onSelect: () => setAsked({ what: "limits" }) }]}
            />
          )}
        </div>
      </header>
      {tree.isPending ? (
        <ListSkeleton lines={8} className="h-9" />
      ) : !tree.data ? (
        <QueryError what={words.theTree} error={tree.error} onRetry={() => void tree.refetch()} />
      ) : (
        <>
          <div
            role="group"
            aria-label={words.viewsLabel}
            className="bg-panel mb-4 flex gap-0.5 rounded-md border p-0.5 lg:hidden"
          >
            {views.map((view) => (
              <button
                key={view}
                type="button"
                aria-pressed={shown === view}
                onClick={() => setSearch(view === "sites" ? {} : { view }, { replace: true })}
                className={cn(
                  "text-soft h-9 flex-1 rounded text-[13px] max-md:h-11",
                  shown === view && "bg-raised text-text",
                )}
              >
                {words.views[view]}
              </button>
            ))}
          </div>
          <div className="grid items-start gap-6 lg:grid-cols-2">
            {views.map((view) => (
              <section key={view} aria-label={words.views[view]} className={cn(shown !== view && "hidden lg:block")}>
                <h2 className="mb-0.5 font-semibold max-lg:sr-only">{words.views[view]}</h2>
                <p className="text-soft mb-3 text-[13px] text-pretty">
                  {view === "sites" ? words.sitesHint : words.groupsHint}
                </p>
                {(view === "sites" ? tree.data.sites : tree.data.groups).length === 0 ? (
                  <div className="bg-panel rounded-lg border">
                    {view === "sites" ? (
                      <EmptyState icon={<MapPin />} title={words.noSites} detail={words.noSitesDetail} />
                    ) : (
                      <EmptyState icon={<FolderClosed />} title={words.noGroups} detail={words.noGroupsDetail} />
                    )}
                  </div>
                ) : (
                  <TreeView
                    tree={tree.data}
                    view={view}
                    mayDrag={mayPlace || mayGroup}
                    mayMove={mayMove}
                    onMove={move}
                    onAskMove={askMove}
                    actionsOf={actionsOf}
                  />
                )}
              </section>
            ))}
          </div>
          <OtherServers />
          {(mayPlace || mayGroup) && <p className="text-faint mt-4 text-[12px] max-md:hidden">{words.keys}</p>}
          {asked?.what === "site" && (
            <SiteDialog id={asked.node?.id ?? null} name={asked.node?.name ?? ""} onClose={close} />
          )}
          {asked?.what === "group" && (
            <GroupDialog
              id={asked.node?.id ?? null}
              name={asked.node?.name ?? ""}
              within={asked.within}
              onClose={close}
            />
          )}
          {asked?.what === "move" && <MoveDialog tree={tree.data} node={asked.node} onMove={move} onClose={close} />}
          {asked?.what === "delete" && asked.node.kind === "site" && <DeleteSite site={asked.node} onClose={close} />}
          {asked?.what === "delete" && asked.node.kind === "group" && (
            <DeleteGroup group={asked.node} onClose={close} />
          )}
          {asked?.what === "limits" && <TenantLimits id={tree.data.id} onClose={close} />}
        </>
      )}
    </div>
  );
}
