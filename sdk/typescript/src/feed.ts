import { VmsProblem } from "./problem.js";
import type { components } from "./schema.js";

type Schemas = components["schemas"];

/** For every camera when the feed opens, then on change. A camera that is not known yet is a new one: read it. */
export interface CameraStateChanged extends Pick<Schemas["CameraView"], "state" | "stateReason" | "stateDetail" | "stateSince" | "retryAt" | "streams"> {
  type: "camera.state";
  cameraId: string;
  recording: Pick<Schemas["RecordingView"], "state" | "stateReason" | "class" | "manual" | "bytesToday" | "lostSecondsToday" | "forecastDays" | "readBack">;
  analysisState: string;
}

export interface CameraRemoved {
  type: "camera.removed";
  cameraId: string;
}

/** Once for each event, and again with the same id when one that went on has its end. */
export interface EventHappened {
  type: "event";
  event: Schemas["EventView"];
}

export interface FeedError {
  type: "error";
  code: string;
  message: string;
}

/** Later versions may send types that are not listed here: leave them alone. */
export type FeedMessage = CameraStateChanged | CameraRemoved | EventHappened | FeedError;

/** A reader that is further behind begins anew: the first messages say how every camera is. */
const maxWaiting = 10_000;
const firstDelayMs = 500;
const longestDelayMs = 30_000;

/** The WebSocket of camera states and events, opened again whenever it ends. */
export class Feed {
  constructor(
    private readonly socket: typeof WebSocket,
    private readonly address: () => Promise<string>,
  ) {}

  async *messages(signal?: AbortSignal): AsyncGenerator<FeedMessage, void, undefined> {
    let delay = firstDelayMs;
    let opened = false;
    while (!signal?.aborted) {
      try {
        for await (const message of this.connection(await this.address(), signal)) {
          opened = true;
          delay = firstDelayMs;
          yield message;
        }
      } catch (e) {
        // A wrong address or credential: trying again does not help.
        if (!opened || (e instanceof VmsProblem && (e.status === 401 || e.status === 403))) throw e;
      }
      await pause(delay, signal);
      delay = Math.min(delay * 2, longestDelayMs);
    }
  }

  /** One connection, to its end. */
  private async *connection(address: string, signal?: AbortSignal): AsyncGenerator<FeedMessage, void, undefined> {
    const socket = new this.socket(address);
    const waiting: FeedMessage[] = [];
    let ended = false;
    let wake: () => void = () => undefined;
    socket.onmessage = ({ data }) => {
      waiting.push(JSON.parse(String(data)) as FeedMessage);
      if (waiting.length > maxWaiting) socket.close();
      wake();
    };
    socket.onclose = socket.onerror = () => {
      ended = true;
      wake();
    };
    const stop = () => socket.close();
    signal?.addEventListener("abort", stop);
    try {
      for (;;) {
        const message = waiting.shift();
        if (message) yield message;
        else if (ended || signal?.aborted) return;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    } finally {
      signal?.removeEventListener("abort", stop);
      socket.close();
    }
  }
}

function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done(): void {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    }
    if (signal?.aborted) done();
    else signal?.addEventListener("abort", done);
  });
}
