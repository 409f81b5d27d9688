import { useEffect, useRef, useState, type FormEvent } from "react";
import { Navigate, useLocation, useNavigate, useSearchParams } from "react-router";
import { ApiError } from "@/api/problem";
import { isSignedIn, signIn, takeOver } from "@/api/signIn";
import { useServerAway } from "@/api/useServerAway";
import { EntryCard } from "@/components/EntryCard";
import { Button } from "@/components/ui/Button";
import { TextField } from "@/components/ui/Field";
import { words as pageWords } from "@/components/words";
import { SignInWithProvider } from "./SignInWithProvider";
import { problemWords, words } from "./words";

export function LoginPage() {
  const navigate = useNavigate();
  const { hash } = useLocation();
  const [search] = useSearchParams();
  const handedOver = new URLSearchParams(hash.slice(1)).get("token");
  const [error, setError] = useState<string | null>(() => problemWords(search.get("problem")));
  const [busy, setBusy] = useState(handedOver !== null);
  const away = useServerAway();
  const [needsCode, setNeedsCode] = useState(false);
  const taken = useRef<string | null>(null);
  const target = search.get("next");
  // Only a path of our own: a link must not lead to another site.
  const next = target?.startsWith("/") && !target.startsWith("//") ? target : "/";

  useEffect(() => {
    // It works once; a page that is made twice must not use it twice.
    if (handedOver === null || taken.current === handedOver) return;
    taken.current = handedOver;
    takeOver(handedOver)
      .then(() => navigate(next, { replace: true }))
      .catch(() => {
        setError(words.ssoExpired);
        setBusy(false);
        void navigate({ search: location.search }, { replace: true });
      });
  }, [handedOver, navigate, next]);

  if (isSignedIn() && !busy) return <Navigate to={next} replace />;

  async function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const code = form.get("code");
    setBusy(true);
    setError(null);
    try {
      await signIn(
        String(form.get("username")),
        String(form.get("password")),
        code === null ? undefined : String(code).replaceAll(" ", ""),
      );
      await navigate(next, { replace: true });
    } catch (e) {
      const asked = e instanceof ApiError && e.problem.code === "codeRequired";
      if (asked) setNeedsCode(true);
      else setError(e instanceof ApiError ? messageOf(e) : pageWords.unexpected);
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
        {needsCode && (
          <TextField
            label={words.code}
            hint={words.codeHint}
            name="code"
            autoComplete="one-time-code"
            autoCapitalize="none"
            required
            autoFocus
          />
        )}
        {away && (
          <p role="status" className="bg-warn/10 text-warn rounded-md px-3 py-2 text-[13px]">
            {words.serverIsAway}
          </p>
        )}
        {error && (
          <p role="alert" className="bg-alarm/10 text-alarm rounded-md px-3 py-2 text-[13px]">
            {error}
          </p>
        )}
        <Button type="submit" variant="primary" size="touch" className="w-full" disabled={busy}>
          {busy ? words.signingIn : words.signIn}
        </Button>
        <SignInWithProvider next={next} />
      </form>
    </EntryCard>
  );
}

function messageOf(error: ApiError): string {
  switch (error.problem.status) {
    case 401:
      return error.problem.code === "wrongCode" ? words.wrongCode : words.wrong;
    case 429:
      return error.problem.detail ?? words.tooManyTries;
    default:
      return error.message;
  }
}
