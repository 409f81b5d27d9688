import { Check } from "lucide-react";
import { useState, type FormEvent } from "react";
import { useNavigate } from "react-router";
import { api } from "@/api/client";
import { ApiError, problemOf, unreachable } from "@/api/problem";
import { signIn } from "@/api/signIn";
import { cn } from "@/components/cn";
import { EntryCard } from "@/components/EntryCard";
import { Button } from "@/components/ui/Button";
import { TextField } from "@/components/ui/Field";
import { words } from "./words";

/** First run, by the one-time link that the first start printed: `/setup#token=…`. */
export function SetupPage() {
  const [step, setStep] = useState(0);
  return (
    <EntryCard title={words.title} lead={words.lead}>
      <ol className="mb-6 flex items-center gap-2 text-[12px]" aria-label={words.progress}>
        {words.steps.map((label, i) => (
          <li key={label} aria-current={i === step ? "step" : undefined} className="flex flex-1 flex-col gap-1.5">
            <span className={cn("h-1 rounded-full", i <= step ? "bg-accent" : "bg-line")} />
            <span className={cn("flex items-center gap-1", i === step ? "text-text" : "text-faint")}>
              {i < step && <Check className="text-good size-3" aria-label={words.done} />}
              {label}
            </span>
          </li>
        ))}
      </ol>
      {step === 0 ? <Administrator onDone={() => setStep(1)} /> : <FirstCamera />}
    </EntryCard>
  );
}

function Administrator({ onDone }: { onDone: () => void }) {
  const token = new URLSearchParams(location.hash.slice(1)).get("token") ?? "";
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
      history.replaceState(null, "", "/setup");
      await signIn(username, password);
      onDone();
    } catch (e) {
      setError(e instanceof ApiError ? e : new ApiError(unreachable()));
      setBusy(false);
    }
  }

  if (!token)
    return (
      <p className="text-soft">
        {words.noToken}{" "}
        <a href="/login" className="text-accent underline-offset-2 hover:underline">
          {words.signIn}
        </a>
        .
      </p>
    );
  return (
    <form onSubmit={onSubmit} className="space-y-4">
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

function FirstCamera() {
  const navigate = useNavigate();
  const [error, setError] = useState<ApiError | null>(null);
  const [busy, setBusy] = useState(false);

  async function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (input: string) => String(form.get(input) ?? "") || null;
    setBusy(true);
    try {
      await api.post("/api/cameras", {
        body: {
          name: text("name"),
          mainUrl: text("mainUrl"),
          username: text("username"),
          password: text("password"),
          recording: { mode: form.get("record") ? "continuous" : "off" },
        },
      });
      await navigate("/live", { replace: true });
    } catch (e) {
      setError(e instanceof ApiError ? e : new ApiError(unreachable()));
      setBusy(false);
    }
  }

  return (
    <form onSubmit={onSubmit} className="space-y-4">
      <TextField label={words.name} name="name" placeholder={words.entrance} required error={error?.field("name")} />
      <TextField
        label={words.streamAddress}
        name="mainUrl"
        placeholder="rtsp://192.168.1.20/stream1"
        inputMode="url"
        required
        error={error?.field("mainUrl")}
      />
      <div className="grid grid-cols-2 gap-3">
        <TextField label={words.cameraUser} name="username" autoComplete="off" />
        <TextField label={words.cameraPassword} name="password" type="password" autoComplete="off" />
      </div>
      <label className="flex items-center gap-2">
        <input type="checkbox" name="record" defaultChecked className="accent-accent size-4" />
        {words.recordContinuously}
      </label>
      {error && !error.problem.fields && (
        <p role="alert" className="bg-alarm/10 text-alarm rounded-md px-3 py-2 text-[13px]">
          {error.message}
        </p>
      )}
      <div className="flex gap-2">
        <Button type="submit" variant="primary" size="touch" className="flex-1" disabled={busy}>
          {busy ? words.adding : words.addCamera}
        </Button>
        <Button size="touch" variant="ghost" onClick={() => void navigate("/live", { replace: true })}>
          {words.later}
        </Button>
      </div>
    </form>
  );
}
