import { Plus, SlidersHorizontal, Trash2 } from "lucide-react";
import { useSearchParams } from "react-router";
import { useDeleteTenant, useTenants, type TenantView } from "@/api/tenants";
import { ConfirmDialog } from "@/components/ConfirmDialog";
import { ListSkeleton } from "@/components/ListSkeleton";
import { SectionHeader } from "@/components/SectionHeader";
import { QueryError } from "@/components/States";
import { Button } from "@/components/ui/Button";
import { RowMenu } from "@/components/ui/RowMenu";
import { TenantLimits } from "@/features/sites/TenantLimits";
import { AddTenantDialog } from "./AddTenantDialog";
import { words } from "./words";

/** The first one is the installation's: it is always there. */
const firstTenant = "default";

/** Who shares this installation. `?add`, `?limits=ID` and `?delete=ID` are links too. */
export function TenantsPage() {
  const [search, setSearch] = useSearchParams();
  const tenants = useTenants();
  const all = tenants.data ?? [];
  const close = () => setSearch({}, { replace: true });
  const one = (key: string) => all.find((t) => t.id === search.get(key));
  const limited = one("limits");
  const deleted = one("delete");
  return (
    <section aria-label={words.tenants}>
      <SectionHeader title={words.tenants} lead={words.lead}>
        <Button variant="primary" className="max-md:h-11" onClick={() => setSearch({ add: "" })}>
          <Plus /> {words.add}
        </Button>
      </SectionHeader>
      {tenants.isPending ? (
        <ListSkeleton lines={2} />
      ) : tenants.isError && all.length === 0 ? (
        <QueryError what={words.theTenants} error={tenants.error} onRetry={() => void tenants.refetch()} />
      ) : (
        <ul className="bg-panel divide-y rounded-lg border">
          {all.map((tenant) => (
            <li key={tenant.id} className="flex items-center gap-3 px-4 py-3">
              <div className="min-w-0 flex-1">
                <p className="truncate font-medium">
                  {tenant.name}
                  <span className="text-soft font-normal">
                    {" · "}
                    {tenant.id === firstTenant ? words.own : tenant.id}
                  </span>
                </p>
                <p className="text-soft text-[13px]">{words.counts(tenant.sites, tenant.cameras, tenant.accounts)}</p>
              </div>
              <RowMenu
                label={words.actionsOf(tenant.name)}
                actions={[
                  {
                    icon: SlidersHorizontal,
                    label: words.limits,
                    onSelect: () => setSearch({ limits: tenant.id }),
                  },
                  ...(tenant.id === firstTenant
                    ? []
                    : [
                        {
                          icon: Trash2,
                          label: words.delete,
                          danger: true,
                          onSelect: () => setSearch({ delete: tenant.id }),
                        },
                      ]),
                ]}
              />
            </li>
          ))}
        </ul>
      )}
      {search.has("add") && <AddTenantDialog onClose={close} />}
      {limited && <TenantLimits id={limited.id} onClose={close} />}
      {deleted && deleted.id !== firstTenant && <DeleteTenant tenant={deleted} onClose={close} />}
    </section>
  );
}

function DeleteTenant({ tenant, onClose }: { tenant: TenantView; onClose: () => void }) {
  const remove = useDeleteTenant();
  return (
    <ConfirmDialog
      title={words.deleteTitle(tenant.name)}
      description={tenant.cameras > 0 ? words.deleteNotEmpty(tenant.cameras) : words.deleteDetail}
      action={words.deleteAct}
      error={remove.error}
      busy={remove.isPending}
      disabled={tenant.cameras > 0}
      onConfirm={() => remove.mutate(tenant.id, { onSuccess: onClose })}
      onClose={onClose}
    />
  );
}
