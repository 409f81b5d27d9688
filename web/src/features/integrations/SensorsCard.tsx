import { KeyRound, Plus, Radio, Trash2 } from "lucide-react";
import { useState, type FormEvent } from "react";
import { ApiError } from "@/api/problem";
import {
  useAddSensor,
  useDeleteSensor,
  useRenewSensorPassword,
  useSensors,
  type SensorView,
  type SensorWithPassword,
} from "@/api/sensors";
import { useSites } from "@/api/sites";
import { ConfirmDialog } from "@/components/ConfirmDialog";
import { FormProblem } from "@/components/FormProblem";
import { ListSkeleton } from "@/components/ListSkeleton";
import { QueryError } from "@/components/States";
import { Button } from "@/components/ui/Button";
import { CancelButton, Dialog } from "@/components/ui/Dialog";
import { SelectField, TextField } from "@/components/ui/Field";
import { RowMenu } from "@/components/ui/RowMenu";
import { When } from "@/components/When";
import { words as pageWords } from "@/components/words";
import { publishCommand } from "./publishCommand";
import type { PartProps } from "./IntegrationsPage";
import { Part } from "./Part";
import { ShownSecret } from "./ShownSecret";
import { words } from "./words";

/** Programs that report events over the bus. `?sensor=new`, `?password=ID` and `?revoke=ID` are links too. */
export function SensorsCard({ search, open, close }: PartProps) {
  const sensors = useSensors();
  const sites = useSites().data ?? [];
  const [made, setMade] = useState<SensorWithPassword | null>(null);
  const all = sensors.data ?? [];
  const of = (key: string) => all.find((s) => s.id === search.get(key));
  const [renewed, revoked] = [of("password"), of("revoke")];
  const shown = (secret: SensorWithPassword) => {
    setMade(secret);
    close();
  };
  return (
    <Part
      icon={Radio}
      title={words.sensors}
      lead={words.sensorsLead}
      action={
        <Button className="max-md:h-11" onClick={() => open("sensor", "new")}>
          <Plus /> {words.addSensor}
        </Button>
      }
    >
      {sensors.isPending ? (
        <div className="p-4">
          <ListSkeleton lines={2} />
        </div>
      ) : sensors.isError && all.length === 0 ? (
        <QueryError what={words.theSensors} error={sensors.error} onRetry={() => void sensors.refetch()} />
      ) : all.length === 0 ? (
        <p className="text-soft px-4 py-3 text-[13px] md:px-5">{words.noSensors}</p>
      ) : (
        <ul aria-label={words.sensors} className="divide-y">
          {all.map((sensor) => (
            <li key={sensor.id} className="flex items-center gap-3 px-4 py-3 md:px-5">
              <div className="grid min-w-0 flex-1 gap-x-6 gap-y-0.5 md:grid-cols-[minmax(0,1fr)_minmax(0,1.3fr)]">
                <div className="min-w-0">
                  <p className="font-medium break-words">{sensor.name}</p>
                  <p className="text-soft text-[13px]">
                    {sites.find((s) => s.id === sensor.siteId)?.name ?? sensor.siteId}
                  </p>
                </div>
                <div className="text-soft min-w-0 text-[13px]">
                  <p>
                    <code className="break-all">{sensor.subject}</code>
                  </p>
                  <p>
                    {words.addedBy(sensor.createdBy)} <When at={sensor.createdAt} />
                  </p>
                </div>
              </div>
              <RowMenu
                label={pageWords.actionsFor(sensor.name)}
                actions={[
                  { label: words.newPassword, icon: KeyRound, onSelect: () => open("password", sensor.id) },
                  { label: words.revoke, icon: Trash2, danger: true, onSelect: () => open("revoke", sensor.id) },
                ]}
              />
            </li>
          ))}
        </ul>
      )}
      {search.get("sensor") === "new" && <AddSensor onMade={shown} onClose={close} />}
      {renewed && <NewPassword sensor={renewed} onMade={shown} onClose={close} />}
      {revoked && <Revoke sensor={revoked} onClose={close} />}
      {made && (
        <ShownSecret
          title={words.credentialsOf(made.sensor.name)}
          lead={words.credentialsLead}
          values={[
            { label: words.username, value: made.sensor.id },
            { label: words.password, value: made.password, testId: "sensor-password" },
            { label: words.connectLine, value: publishCommand(made, location.hostname) },
          ]}
          onClose={() => setMade(null)}
        >
          <p className="text-soft text-[13px] text-pretty">{words.credentialsUse}</p>
        </ShownSecret>
      )}
    </Part>
  );
}

function AddSensor({ onMade, onClose }: { onMade: (made: SensorWithPassword) => void; onClose: () => void }) {
  const add = useAddSensor();
  const sites = useSites().data ?? [];
  const [name, setName] = useState("");
  const [chosen, setChosen] = useState<string | null>(null);
  const siteId = chosen ?? sites[0]?.id ?? "";
  const field = (f: string) => (add.error instanceof ApiError ? add.error.field(f) : undefined);
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate({ name: name.trim(), siteId }, { onSuccess: onMade });
  };
  return (
    <Dialog title={words.addSensor} busy={add.isPending} unsaved={name !== ""} onClose={onClose}>
      <form onSubmit={onSubmit} className="space-y-4">
        <TextField
          label={words.name}
          placeholder={words.sensorNameExample}
          value={name}
          onChange={(e) => setName(e.target.value)}
          required
          maxLength={64}
          autoComplete="off"
          autoFocus
          error={field("name")}
        />
        <SelectField
          label={words.site}
          value={siteId}
          onChange={(e) => setChosen(e.target.value)}
          error={field("siteId")}
        >
          {sites.map(({ id, name: site }) => (
            <option key={id} value={id}>
              {site}
            </option>
          ))}
        </SelectField>
        <FormProblem error={add.error} shown={["name", "siteId"]} />
        <div className="flex justify-end gap-2">
          <CancelButton disabled={add.isPending} />
          <Button type="submit" variant="primary" className="max-md:h-11" disabled={add.isPending}>
            {add.isPending ? pageWords.saving : words.addSensor}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function NewPassword({
  sensor,
  onMade,
  onClose,
}: {
  sensor: SensorView;
  onMade: (made: SensorWithPassword) => void;
  onClose: () => void;
}) {
  const renew = useRenewSensorPassword();
  return (
    <ConfirmDialog
      title={words.newPasswordFor(sensor.name)}
      description={words.newPasswordDetail}
      action={words.newPassword}
      error={renew.error}
      busy={renew.isPending}
      onConfirm={() => renew.mutate(sensor.id, { onSuccess: onMade })}
      onClose={onClose}
    />
  );
}

function Revoke({ sensor, onClose }: { sensor: SensorView; onClose: () => void }) {
  const remove = useDeleteSensor();
  return (
    <ConfirmDialog
      title={words.revokeWhat(sensor.name)}
      description={words.revokeDetail}
      action={words.revoke}
      error={remove.error}
      busy={remove.isPending}
      onConfirm={() => remove.mutate(sensor.id, { onSuccess: onClose })}
      onClose={onClose}
    />
  );
}
