import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "./client";
import type { Schemas } from "./types";

/** What is one's own: the password and the second factor. Closed to API keys. */

/** Ends all other sign-ins of the account. */
export function useChangePassword() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (request: Schemas["ChangePasswordRequest"]) => api.post("/api/auth/password", { body: request }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["sessions"] }),
  });
}

const totpKey = ["totp"];

export function useTotp() {
  return useQuery({
    queryKey: totpKey,
    queryFn: ({ signal }) => api.get("/api/auth/totp", { signal }),
  });
}

/** A secret for an authenticator app: Base32 to be typed, and an `otpauth:` address for a QR code. */
export type EnrolTotpResponse = Schemas["EnrolTotpResponse"];

/** Asked again there is another secret; none counts before a code of it was confirmed. */
export function useEnrolTotp() {
  return useMutation({ mutationFn: () => api.post("/api/auth/totp") });
}

/** From now on a sign-in needs a code. The recovery codes are shown this once. */
export function useConfirmTotp() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (code: string) => api.post("/api/auth/totp/confirm", { body: { code } }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["users"] }),
  });
}

export function useDisableTotp() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (password: string) => api.post("/api/auth/totp/disable", { body: { password } }),
    onSuccess: () => Promise.all([totpKey, ["users"]].map((queryKey) => queries.invalidateQueries({ queryKey }))),
  });
}

/** After the recovery codes were put away: the page says what is so now. */
export function useTotpChanged() {
  const queries = useQueryClient();
  return () => void queries.invalidateQueries({ queryKey: totpKey });
}
