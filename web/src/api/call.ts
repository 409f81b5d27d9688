import { ApiError, problemOf, unreachable } from "./problem";
import { accessToken, dropAccessToken } from "./signIn";

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/**
 * Calls the API as the signed-in user with a body that is not JSON (a `Blob` goes as it is, with its own type), or with a shape of its own. Throws
 * `ApiError`, also when the server does not answer.
 */
export async function call<T>(method: Method, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const response = await stream(method, path, body, signal);
  return (
    response.status === 204 || response.headers.get("content-length") === "0" ? undefined : await response.json()
  ) as T;
}

/** The same for an answer that is no JSON. */
export async function stream(method: Method, path: string, body?: unknown, signal?: AbortSignal): Promise<Response> {
  let response = await send(method, path, body, signal);
  if (response.status === 401) {
    dropAccessToken();
    response = await send(method, path, body, signal);
  }
  if (!response.ok) throw new ApiError(await problemOf(response));
  return response;
}

async function send(method: Method, path: string, body: unknown, signal?: AbortSignal): Promise<Response> {
  const headers: Record<string, string> = { authorization: `Bearer ${await accessToken()}` };
  if (body !== undefined)
    headers["content-type"] =
      body instanceof Blob ? body.type : method === "PATCH" ? "application/merge-patch+json" : "application/json";
  try {
    return await fetch(path, {
      method,
      headers,
      ...(body === undefined ? {} : { body: body instanceof Blob ? body : JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError(unreachable());
  }
}
