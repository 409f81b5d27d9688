import type { FederatedCamera } from "@/api/servers";
import { here } from "@/features/servers/peerAddress";

export interface ServerCameras {
  id: string;
  name: string;
  cameras: FederatedCamera[];
}

/** Other servers with their cameras, both in the order of the list. */
export function byServer(cameras: readonly FederatedCamera[]): ServerCameras[] {
  const servers = new Map<string, ServerCameras>();
  for (const camera of cameras) {
    const { id, name } = camera.server;
    if (id === here) continue;
    const known = servers.get(id) ?? { id, name, cameras: [] };
    known.cameras.push(camera);
    servers.set(id, known);
  }
  return [...servers.values()];
}
