import { useState, type FormEvent } from "react";
import { ApiError, problemOf, unreachable } from "@/api/problem";
import { signIn } from "@/api/signIn";
import { Button } from "@/components/ui/Button";
import { TextField } from "@/components/ui/Field";
import { StepTitle } from "./SetupFrame";
import { words } from "./words";

/** The first account. The token works once. */
export function AdministratorStep({ token, onDone }: { token: string; onDone: () => void }) {
  const [error, setError] = useState<ApiError | null>(null);
  const [repeatError, setRepeatError] = useState<string>();
  const [busy, setBusy] = useState(false);

  async function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const [username, password] = [String(form.get("username")), String(form.get("password"))];
    if (password !== form.get("repeat")) return setRepeatError(words.passwordsDiffer);
    setRepeatError(undefined);
    setBusy(true);
    try {
      const response = await fetch("/api/setup", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ token, username, password }),
      }).catch(() => {
        throw new ApiError(unreachable());
      });
      if (!response.ok) throw new ApiError(await problemOf(response));
      await signIn(username, password);
      onDone();
    } catch (e) {
      setError(e instanceof ApiError ? e : new ApiError(unreachable()));
      setBusy(false);
    }
  }

  return (
    <form onSubmit={onSubmit} className="space-y-4">
      <StepTitle title={words.administrator} detail={words.administratorDetail} />
      <TextField
        label={words.userName}
        name="username"
        defaultValue="admin"
        autoComplete="username"
        required
        error={error?.field("username")}
      />
      <TextField
        label={words.password}
        name="password"
        type="password"
        autoComplete="new-password"
        required
        hint={words.passwordHint}
        error={error?.field("password")}
      />
      <TextField
        label={words.passwordAgain}
        name="repeat"
        type="password"
        autoComplete="new-password"
        required
        error={repeatError}
      />
      {error && !error.problem.fields && (
        <p role="alert" className="bg-alarm/10 text-alarm rounded-md px-3 py-2 text-[13px]">
          {error.message}
        </p>
      )}
      <Button type="submit" variant="primary" size="touch" className="w-full" disabled={busy}>
        {busy ? words.creating : words.createAdministrator}
      </Button>
    </form>
  );
}
