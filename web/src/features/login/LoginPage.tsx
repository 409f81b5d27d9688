import { useState, type FormEvent } from "react";
import { Navigate, useNavigate, useSearchParams } from "react-router";
import { ApiError } from "@/api/problem";
import { isSignedIn, signIn } from "@/api/signIn";
import { EntryCard } from "@/components/EntryCard";
import { Button } from "@/components/ui/Button";
import { TextField } from "@/components/ui/Field";
import { words as pageWords } from "@/components/words";
import { words } from "./words";

export function LoginPage() {
  const navigate = useNavigate();
  const [search] = useSearchParams();
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const target = search.get("next");
  // Only a path of our own: a link must not lead to another site.
  const next = target?.startsWith("/") && !target.startsWith("//") ? target : "/";

  if (isSignedIn() && !busy) return <Navigate to={next} replace />;

  async function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setError(null);
    try {
      await signIn(String(form.get("username")), String(form.get("password")));
      await navigate(next, { replace: true });
    } catch (e) {
      setError(e instanceof ApiError ? messageOf(e) : pageWords.unexpected);
      setBusy(false);
    }
  }

  return (
    <EntryCard title={words.signIn}>
      <form onSubmit={onSubmit} className="space-y-4">
        <TextField
          label={words.userName}
          name="username"
          autoComplete="username"
          autoCapitalize="none"
          required
          autoFocus
        />
        <TextField label={words.password} name="password" type="password" autoComplete="current-password" required />
        {error && (
          <p role="alert" className="bg-alarm/10 text-alarm rounded-md px-3 py-2 text-[13px]">
            {error}
          </p>
        )}
        <Button type="submit" variant="primary" size="touch" className="w-full" disabled={busy}>
          {busy ? words.signingIn : words.signIn}
        </Button>
      </form>
    </EntryCard>
  );
}

function messageOf(error: ApiError): string {
  switch (error.problem.status) {
    case 401:
      return words.wrong;
    case 429:
      return error.problem.detail ?? words.tooManyTries;
    default:
      return error.message;
  }
}
