/** As `GET /api/servers` names this server. */
export const here = "here";

/** Where a camera of any of the servers is watched: this one's on its own page, another one's where its pictures come straight from there.
 * @param at A time of its recordings, ISO 8601; without it, live. */
export function cameraLink(
  server: { id: string; name: string },
  camera: { id: string; name: string },
  at?: string,
): string {
  if (server.id === here)
    return at
      ? `/playback?camera=${encodeURIComponent(camera.id)}&at=${encodeURIComponent(at)}`
      : `/cameras/${encodeURIComponent(camera.id)}`;
  const search = new URLSearchParams({ name: camera.name, of: server.name, ...(at && { at }) });
  return `/cameras/others/${encodeURIComponent(server.id)}/${encodeURIComponent(camera.id)}?${search}`;
}
