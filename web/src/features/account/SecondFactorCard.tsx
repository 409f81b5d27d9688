import { useState, type FormEvent } from "react";
import { useDisableTotp, useTotp } from "@/api/account";
import { ApiError } from "@/api/problem";
import { FormProblem } from "@/components/FormProblem";
import { SettingCard } from "@/components/SettingCard";
import { Skeleton } from "@/components/States";
import { Button } from "@/components/ui/Button";
import { CancelButton, Dialog } from "@/components/ui/Dialog";
import { TextField } from "@/components/ui/Field";
import { SetUpSecondFactor } from "./SetUpSecondFactor";
import { words } from "./words";

const fewLeft = 3;

export function SecondFactorCard() {
  const totp = useTotp();
  const [open, setOpen] = useState<"setUp" | "switchOff" | null>(null);
  if (totp.isPending) return <Skeleton className="h-24" />;
  if (!totp.data) return null;
  const { on, recoveryCodesLeft } = totp.data;
  return (
    <SettingCard
      title={words.secondFactor}
      hint={
        on ? (
          <>
            {words.factorOn(recoveryCodesLeft)}
            {recoveryCodesLeft < fewLeft && <span className="text-warn block">{words.factorFewLeft}</span>}
          </>
        ) : (
          words.factorOff
        )
      }
    >
      {on ? (
        <Button className="max-md:h-11" onClick={() => setOpen("switchOff")}>
          {words.switchOff}
        </Button>
      ) : (
        <Button variant="primary" className="max-md:h-11" onClick={() => setOpen("setUp")}>
          {words.setUp}
        </Button>
      )}
      {open === "setUp" && <SetUpSecondFactor onClose={() => setOpen(null)} />}
      {open === "switchOff" && <SwitchOff onClose={() => setOpen(null)} />}
    </SettingCard>
  );
}

function SwitchOff({ onClose }: { onClose: () => void }) {
  const disable = useDisableTotp();
  function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    disable.mutate(String(new FormData(event.currentTarget).get("password")), { onSuccess: onClose });
  }
  return (
    <Dialog title={words.secondFactor} description={words.switchOffDetail} busy={disable.isPending} onClose={onClose}>
      <form onSubmit={onSubmit} className="space-y-4">
        <TextField
          label={words.yourPassword}
          autoFocus
          name="password"
          type="password"
          autoComplete="current-password"
          required
          error={disable.error instanceof ApiError ? disable.error.field("password") : undefined}
        />
        <FormProblem error={disable.error} shown={["password"]} />
        <div className="flex justify-end gap-2">
          <CancelButton disabled={disable.isPending} />
          <Button type="submit" variant="danger" className="max-md:h-11" disabled={disable.isPending}>
            {words.switchOff}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
