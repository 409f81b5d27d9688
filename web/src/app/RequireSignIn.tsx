import { useSyncExternalStore, type ReactNode } from "react";
import { Navigate, useLocation } from "react-router";
import { isSignedIn, onSignInChange } from "@/api/signIn";

/** Shows the login instead of its children while nobody is signed in, and comes back to the same view afterwards. */
export function RequireSignIn({ children }: { children: ReactNode }) {
  const signedIn = useSyncExternalStore(onSignInChange, isSignedIn);
  const { pathname, search } = useLocation();
  return signedIn ? children : <Navigate to={`/login?next=${encodeURIComponent(pathname + search)}`} replace />;
}
