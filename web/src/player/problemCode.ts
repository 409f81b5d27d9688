/**
 * The stable code of a problem document that a request was answered with; null when it has none.
 * @param request As hls.js hands it on: an XMLHttpRequest for text (playlists) or bytes (segments).
 */
export function problemCode(request: unknown): string | null {
  try {
    const body = (request as { response?: unknown } | null)?.response;
    const text = typeof body === "string" ? body : new TextDecoder().decode(body as ArrayBuffer);
    const code = (JSON.parse(text) as { code?: unknown } | null)?.code;
    return typeof code === "string" ? code : null;
  } catch {
    return null;
  }
}
