import { useState, type FormEvent } from "react";
import { nvrMakers, useConnectNvr } from "@/api/nvr";
import { ApiError } from "@/api/problem";
import { Button } from "@/components/ui/Button";
import { CancelButton, Dialog } from "@/components/ui/Dialog";
import { SelectField, TextField } from "@/components/ui/Field";
import { parseAddress } from "@/features/discovery/found";
import { keepTyped } from "./justTyped";
import { words } from "./words";

/** Asks a recorder for its channels; which of them become cameras is chosen next. */
export function ConnectDialog({ onClose, onConnected }: { onClose: () => void; onConnected: (id: string) => void }) {
  const connect = useConnectNvr();
  const [changed, setChanged] = useState(false);
  const [wrong, setWrong] = useState(false);
  const error = connect.error instanceof ApiError ? connect.error : null;

  function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const device = parseAddress(String(form.get("address")));
    setWrong(device === null);
    if (!device) return;
    const login = { username: String(form.get("username")).trim(), password: String(form.get("password")) };
    const vendor = String(form.get("vendor"));
    connect.mutate(
      {
        ip: device.ip,
        ...(device.port === 80 ? {} : { port: device.port }),
        ...login,
        ...(vendor ? { vendor } : {}),
        channels: [],
      },
      {
        onSuccess: ({ nvrId }) => {
          keepTyped(nvrId, login);
          onConnected(nvrId);
        },
      },
    );
  }

  return (
    <Dialog
      busy={connect.isPending}
      unsaved={changed}
      onClose={onClose}
      title={words.connectTitle}
      description={words.connectDetail}
    >
      <form onSubmit={onSubmit} onChange={() => setChanged(true)} className="space-y-4" autoComplete="off">
        <TextField
          label={words.address}
          name="address"
          placeholder="192.168.1.5"
          inputMode="url"
          autoCapitalize="off"
          required
          error={wrong ? words.addressWrong : error?.field("ip")}
        />
        <SelectField label={words.maker} name="vendor" defaultValue="" hint={words.makerHint}>
          <option value="">{words.findOut}</option>
          {nvrMakers.map((maker) => (
            <option key={maker} value={maker}>
              {words.makers[maker]}
            </option>
          ))}
        </SelectField>
        <div className="grid gap-4 sm:grid-cols-2">
          <TextField label={words.user} name="username" autoComplete="off" required error={error?.field("username")} />
          <TextField
            label={words.password}
            name="password"
            type="password"
            autoComplete="new-password"
            error={error?.field("password")}
          />
        </div>
        {connect.error && !error?.problem.fields && (
          <p role="alert" className="bg-alarm/10 text-alarm rounded-md px-3 py-2 text-[13px]">
            {connect.error.message}
          </p>
        )}
        <div className="flex justify-end gap-2 pt-2">
          <CancelButton disabled={connect.isPending} />
          <Button type="submit" variant="primary" className="max-md:h-11" disabled={connect.isPending}>
            {connect.isPending ? words.asking : words.next}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
