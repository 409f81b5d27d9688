import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { call } from "./client";

/** What is one's own: the password and the second factor. Closed to API keys. */

export interface ChangePasswordRequest {
  currentPassword: string;
  newPassword: string;
}

/** Ends all other sign-ins of the account. */
export function useChangePassword() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (request: ChangePasswordRequest) => call<void>("POST", "/api/auth/password", request),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["sessions"] }),
  });
}

export interface SecondFactorState {
  on: boolean;
  recoveryCodesLeft: number;
}

const totpKey = ["totp"];

export function useTotp() {
  return useQuery({
    queryKey: totpKey,
    queryFn: ({ signal }) => call<SecondFactorState>("GET", "/api/auth/totp", undefined, signal),
  });
}

/** A secret for an authenticator app: Base32 to be typed, and an `otpauth:` address for a QR code. */
export interface EnrolTotpResponse {
  secret: string;
  uri: string;
}

/** Asked again there is another secret; none counts before a code of it was confirmed. */
export function useEnrolTotp() {
  return useMutation({ mutationFn: () => call<EnrolTotpResponse>("POST", "/api/auth/totp") });
}

/** From now on a sign-in needs a code. The recovery codes are shown this once. */
export function useConfirmTotp() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (code: string) => call<{ recoveryCodes: string[] }>("POST", "/api/auth/totp/confirm", { code }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["users"] }),
  });
}

export function useDisableTotp() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (password: string) => call<void>("POST", "/api/auth/totp/disable", { password }),
    onSuccess: () => Promise.all([totpKey, ["users"]].map((queryKey) => queries.invalidateQueries({ queryKey }))),
  });
}

/** After the recovery codes were put away: the page says what is so now. */
export function useTotpChanged() {
  const queries = useQueryClient();
  return () => void queries.invalidateQueries({ queryKey: totpKey });
}
