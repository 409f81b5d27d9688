import { expect, test } from "vitest";
import type { FederatedCamera } from "@/api/servers";
import { byServer } from "./byServer";

const camera = (server: string, id: string) => ({ id, server: { id: server, name: server } }) as FederatedCamera;

test("cameras stand at their servers, and this server's own are not among the others", () => {
  const servers = byServer([camera("here", "a"), camera("north", "a"), camera("south", "b"), camera("north", "c")]);
  expect(servers.map((s) => [s.name, s.cameras.map((c) => c.id)])).toEqual([
    ["north", ["a", "c"]],
    ["south", ["b"]],
  ]);
});
