import { isSignedIn, onSignInChange } from "@/api/signIn";

/** Credentials of recorders that were connected a moment ago: they are not asked for twice in one go. In memory alone, and not for long. */
interface Login {
  username: string;
  password: string;
}

const keptMs = 10 * 60_000;

const typed = new Map<string, { login: Login; until: number }>();

// They are whose who typed them, not whose who signs in next.
onSignInChange(() => {
  if (!isSignedIn()) typed.clear();
});

export function keepTyped(nvrId: string, login: Login): void {
  typed.set(nvrId, { login, until: Date.now() + keptMs });
}

export function typedFor(nvrId: string): Login | null {
  const kept = typed.get(nvrId);
  if (kept && kept.until > Date.now()) return kept.login;
  typed.delete(nvrId);
  return null;
}
