import { api } from "@/api/client";
import { ApiError, problemOf, unreachable } from "@/api/problem";
import { onSignInChange } from "@/api/signIn";
import type { Schemas, Timeline } from "@/api/types";
import type { Span } from "@/timeline/footage";
import { minute } from "@/timeline/scale";

/** Whom recordings are asked of: this server, or another one. */
export interface Archive {
  /** The same for the same server: what it answered is kept under it. */
  name: string;
  timeline: (cameraId: string, span: Span, signal?: AbortSignal) => Promise<Timeline>;
  /** A VOD playlist, with the credential that it needs; in H.264 whatever was recorded when `converted`. */
  playlist: (cameraId: string, from: number, to: number, converted: boolean) => Promise<string>;
  /** Where the recorded samples of a camera are read, over a WebSocket. */
  samples: (cameraId: string) => Promise<string>;
}

type Ticket = Schemas["TicketView"];

/** What an address is used for may take a while, too. */
const goodFor = 20 * minute;

const iso = (ms: number) => new Date(ms).toISOString();

const kept = new Map<string, Ticket>();

// Another user sees with a ticket of their own.
onSignInChange(() => kept.clear());

/** A ticket for what the browser loads by itself; the same one until it is about to expire. */
async function ticketOf(key: string, issue: () => Promise<Ticket>): Promise<Ticket> {
  let known = kept.get(key);
  if (!known || Date.parse(known.expiresAt) < Date.now() + goodFor) {
    known = await issue();
    kept.set(key, known);
  }
  return known;
}

/** What this server issues for one of its cameras. */
export async function playbackTicket(cameraId: string): Promise<string> {
  const issued = await ticketOf(cameraId, () =>
    api.post("/api/tickets", { body: { kind: "playback", cameraIds: [cameraId], from: null, to: null } }),
  );
  return encodeURIComponent(issued.ticket);
}

function playlistAt(base: string, cameraId: string, from: number, to: number, converted: boolean, ticket: string) {
  return `${base}/api/cameras/${cameraId}/playback/index.m3u8?from=${iso(from)}&to=${iso(to)}${converted ? "&converted=true" : ""}&ticket=${ticket}`;
}

function samplesAt(base: string, cameraId: string, ticket: string) {
  const url = new URL(`${base}/api/cameras/${cameraId}/playback/samples`, window.location.href);
  url.protocol = url.protocol.replace("http", "ws");
  return `${url.href}?ticket=${ticket}`;
}

export const ownArchive: Archive = {
  name: "",
  timeline: (cameraId, { from, to }, signal) =>
    api.get("/api/cameras/{id}/timeline", {
      path: { id: cameraId },
      query: { from: iso(from), to: iso(to) },
      ...(signal && { signal }),
    }),
  playlist: async (cameraId, from, to, converted) =>
    playlistAt("", cameraId, from, to, converted, await playbackTicket(cameraId)),
  samples: async (cameraId) => samplesAt("", cameraId, await playbackTicket(cameraId)),
};

/** Of another server: this one has it issue a ticket, and what was recorded comes straight from there. */
export function peerArchive(server: string): Archive {
  const issue = async (id: string) => {
    const issued = await ticketOf(`${server}/${id}`, () =>
      api.post("/api/federated/cameras/{server}/{id}/playback", {
        path: { server, id },
        body: { from: null, to: null },
      }),
    );
    return { base: issued.baseUrl ?? "", ticket: encodeURIComponent(issued.ticket) };
  };
  return {
    name: server,
    timeline: async (cameraId, { from, to }, signal) => {
      const { base, ticket } = await issue(cameraId);
      const url = `${base}/api/cameras/${cameraId}/timeline?from=${iso(from)}&to=${iso(to)}&ticket=${ticket}`;
      return (await fetched(url, signal)) as Timeline;
    },
    playlist: async (cameraId, from, to, converted) => {
      const { base, ticket } = await issue(cameraId);
      return playlistAt(base, cameraId, from, to, converted, ticket);
    },
    samples: async (cameraId) => {
      const { base, ticket } = await issue(cameraId);
      return samplesAt(base, cameraId, ticket);
    },
  };
}

/** JSON of another server, which knows this page's ticket and nobody's sign-in. */
async function fetched(url: string, signal: AbortSignal | undefined): Promise<unknown> {
  let answer: Response;
  try {
    answer = await fetch(url, signal ? { signal } : {});
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError(unreachable());
  }
  if (!answer.ok) throw new ApiError(await problemOf(answer));
  return await answer.json();
}
