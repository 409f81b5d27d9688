import type { FormEvent } from "react";
import type { JobView } from "@/api/jobs";
import { Button } from "@/components/ui/Button";
import { TextField } from "@/components/ui/Field";
import type { Adding } from "./useAdding";
import { words } from "./words";

/** One password for all that are chosen, and how many are done. Stays in sight below a long list. */
export function AddSelected({
  count,
  states,
  job,
  busy,
  goesOn,
  login,
  onLogin,
  onAdd,
}: {
  count: number;
  states: readonly Adding[];
  /** The long work that adds them; null where it is one alone. */
  job: JobView | null;
  busy: boolean;
  /** The server knows of all of it: the page may be left. */
  goesOn: boolean;
  login: { username: string; password: string };
  onLogin: (login: { username: string; password: string }) => void;
  onAdd: () => void;
}) {
  if (count === 0 && !busy) return null;
  const done = job?.done ?? states.filter((s) => s.state === "added" || s.state === "failed").length;
  const all = job ? (job.total ?? states.length) : states.length;

  function onSubmit(event: FormEvent) {
    event.preventDefault();
    onAdd();
  }

  return (
    <div className="bg-panel sticky bottom-3 z-10 rounded-lg border p-4 shadow-2xl">
      {busy && (
        <div role="status">
          <p className="text-soft mb-2 text-[13px]">
            {words.progress(done, all)} {goesOn && job && words.goesOn}
          </p>
          <div
            role="progressbar"
            aria-label={words.progress(done, all)}
            aria-valuemin={0}
            aria-valuemax={all}
            aria-valuenow={done}
            className="bg-line h-1 overflow-hidden rounded-full"
          >
            <div
              className="bg-accent h-full rounded-full transition-[width]"
              style={{ width: `${(100 * done) / Math.max(1, all)}%` }}
            />
          </div>
        </div>
      )}
      {count > 0 && (
        <form onSubmit={onSubmit} className={busy ? "mt-4 border-t pt-4" : undefined}>
          <div className="grid grid-cols-2 items-end gap-3 md:grid-cols-[1fr_1fr_auto]">
            <TextField
              label={words.user}
              value={login.username}
              required={login.password !== ""}
              autoComplete="off"
              autoCapitalize="off"
              onChange={(e) => onLogin({ ...login, username: e.target.value })}
            />
            <TextField
              label={words.password}
              type="password"
              autoComplete="new-password"
              value={login.password}
              onChange={(e) => onLogin({ ...login, password: e.target.value })}
            />
            <Button type="submit" variant="primary" className="h-11 max-md:col-span-2 md:mb-1.5 md:h-10">
              {words.add(count)}
            </Button>
          </div>
          <p className="text-faint mt-1 text-[13px] max-md:hidden">{words.passwordHint}</p>
        </form>
      )}
    </div>
  );
}
