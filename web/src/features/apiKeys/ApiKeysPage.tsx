import { Bot, Plus } from "lucide-react";
import { useSearchParams } from "react-router";
import { useApiKeys, useDeleteApiKey, type ApiKeyView } from "@/api/apiKeys";
import { useRoles } from "@/api/roles";
import { useTree } from "@/api/tree";
import { useMay } from "@/api/useMe";
import { ConfirmDialog } from "@/components/ConfirmDialog";
import { ListSkeleton } from "@/components/ListSkeleton";
import { SectionHeader } from "@/components/SectionHeader";
import { EmptyState, QueryError } from "@/components/States";
import { Button } from "@/components/ui/Button";
import { useNow } from "@/components/useNow";
import { When, whenWords } from "@/components/When";
import { grantWords, placesOf } from "@/rights/grantWords";
import { AddKeyDialog } from "./AddKeyDialog";
import { words } from "./words";

/** The keys of programs. `?add` and `?revoke=ID` are links too. */
export function ApiKeysPage() {
  const [search, setSearch] = useSearchParams();
  const may = useMay();
  const keys = useApiKeys();
  const roles = useRoles(may("users.read"));
  const tree = useTree(may("cameras.read"));
  const places = placesOf(tree.data);
  const all = keys.data ?? [];
  const close = () => setSearch({}, { replace: true });
  const revoked = all.find((k) => k.id === search.get("revoke"));
  const addButton = (
    <Button variant="primary" className="max-md:h-11" onClick={() => setSearch({ add: "" })}>
      <Plus /> {words.add}
    </Button>
  );

  return (
    <section aria-label={words.apiKeys}>
      <SectionHeader title={words.apiKeys} lead={words.lead}>
        {all.length > 0 && addButton}
      </SectionHeader>
      {keys.isPending ? (
        <ListSkeleton lines={3} />
      ) : keys.isError && all.length === 0 ? (
        <QueryError what={words.theApiKeys} error={keys.error} onRetry={() => void keys.refetch()} />
      ) : all.length === 0 ? (
        <div className="bg-panel rounded-lg border">
          <EmptyState icon={<Bot />} title={words.noneYet} detail={words.noneYetDetail}>
            {addButton}
          </EmptyState>
        </div>
      ) : (
        <ul className="bg-panel divide-y rounded-lg border">
          {all.map((apiKey) => (
            <li key={apiKey.id} className="flex items-center gap-3 px-4 py-3">
              <div className="grid min-w-0 flex-1 gap-x-6 gap-y-0.5 md:grid-cols-[minmax(0,1fr)_minmax(0,1.2fr)_12rem]">
                <div className="min-w-0">
                  <p className="truncate font-medium">{apiKey.name}</p>
                  <p className="text-soft truncate text-[13px]">
                    <code>{apiKey.prefix}…</code> {words.madeBy(apiKey.createdBy)}
                  </p>
                </div>
                <p className="text-[13px] text-pretty">
                  {apiKey.grants.map((g) => grantWords(g, roles.data, places)).join(", ")}
                </p>
                <div className="text-soft text-[13px]">
                  <p>
                    {apiKey.lastUsedAt ? (
                      <>
                        {words.used} <When at={apiKey.lastUsedAt} />
                      </>
                    ) : (
                      words.neverUsed
                    )}
                  </p>
                  <End apiKey={apiKey} />
                </div>
              </div>
              <Button
                size="sm"
                variant="ghost"
                className="max-md:h-11"
                onClick={() => setSearch({ revoke: apiKey.id })}
              >
                {words.revoke}
              </Button>
            </li>
          ))}
        </ul>
      )}
      {search.has("add") && <AddKeyDialog onClose={close} />}
      {revoked && <Revoke apiKey={revoked} onClose={close} />}
    </section>
  );
}

function End({ apiKey: { expiresAt } }: { apiKey: ApiKeyView }) {
  const now = useNow();
  if (!expiresAt) return <p>{words.noEnd}</p>;
  if (Date.parse(expiresAt) <= now) return <p className="text-warn">{words.expired}</p>;
  return (
    <p>
      {words.endsAt} <When at={expiresAt} />
    </p>
  );
}

function Revoke({ apiKey, onClose }: { apiKey: ApiKeyView; onClose: () => void }) {
  const remove = useDeleteApiKey();
  const now = useNow();
  return (
    <ConfirmDialog
      title={words.revokeWhat(apiKey.name)}
      description={words.revokeDetail(apiKey.lastUsedAt ? whenWords(Date.parse(apiKey.lastUsedAt), now) : null)}
      action={words.revokeAct}
      error={remove.error}
      busy={remove.isPending}
      onConfirm={() => remove.mutate(apiKey.id, { onSuccess: onClose })}
      onClose={onClose}
    />
  );
}
