import { Vms } from "vms-client";
import { ApiError, problemOf, unreachable } from "./problem";
import { accessToken, dropAccessToken } from "./signIn";

/**
 * The API as the signed-in user, typed from the API document. Throws `ApiError` for what the server refuses, also when it does not
 * answer. Who is signed in is this client's own matter: several windows share one sign-in.
 */
export const api = new Vms("", { fetch: asSignedIn });

/** Beside the library, for what is no JSON: an address of the API, fetched as the signed-in user. Throws `ApiError`. */
export async function asSignedIn(input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> {
  let response = await send(input, init);
  if (response.status === 401) {
    dropAccessToken();
    response = await send(input, init);
  }
  if (!response.ok) throw new ApiError(await problemOf(response));
  return response;
}

async function send(input: RequestInfo | URL, init: RequestInit): Promise<Response> {
  const headers = new Headers(init.headers);
  headers.set("authorization", `Bearer ${await accessToken()}`);
  try {
    return await fetch(input, { ...init, headers });
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new ApiError(unreachable());
  }
}
