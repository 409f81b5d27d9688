import { GroupAssembly, type ReadEnd } from "./GroupAssembly";
import { readMessage, type ReadWish } from "./messages";
import type { RecordedGroup } from "./RecordedGroup";

/** Nothing asked for this long: the server need not keep the connection. */
const idleMs = 60_000;
/** An answer, or a part of one, comes within this. */
const silenceMs = 5_000;

interface Read {
  request: number;
  wish: ReadWish;
  onGroup: (group: RecordedGroup) => void;
  resolve: (end: ReadEnd | "lost") => void;
}

/** The raw samples of one camera: a WebSocket that is opened when something is asked for, and closed when nothing is. */
export class SamplesConnection {
  #socket: WebSocket | null = null;
  #opening = false;
  #request = 0;
  #read: Read | null = null;
  #closed = false;
  #idle: ReturnType<typeof setTimeout> | undefined;
  #silence: ReturnType<typeof setTimeout> | undefined;

  /** @param url With a ticket that is good for a while; asked for at each opening. */
  constructor(readonly url: () => Promise<string>) {}

  /**
   * Asks for groups; a read that still runs ends as `replaced`.
   * @returns How it ended; `lost` when the connection failed or was closed.
   */
  read(wish: ReadWish, onGroup: (group: RecordedGroup) => void): Promise<ReadEnd | "lost"> {
    this.#end("replaced");
    return new Promise((resolve) => {
      if (this.#closed) return resolve("lost");
      this.#read = { request: ++this.#request, wish, onGroup, resolve };
      this.#listen();
      if (this.#socket?.readyState === WebSocket.OPEN) this.#send();
      // One that is being opened sends whatever is asked for by then.
      else if (!this.#opening && !this.#socket) void this.#open();
    });
  }

  close(): void {
    this.#closed = true;
    this.#drop();
  }

  async #open(): Promise<void> {
    this.#opening = true;
    let url: string;
    try {
      url = await this.url();
    } catch {
      this.#opening = false;
      return this.#drop();
    }
    this.#opening = false;
    // Nobody waits any more.
    if (this.#closed || !this.#read) return;
    const socket = (this.#socket = new WebSocket(url));
    socket.binaryType = "arraybuffer";
    const assembly = new GroupAssembly({
      onGroup: (request, group) => {
        if (this.#read?.request === request) this.#read.onGroup(group);
      },
      onEnd: (request, end) => {
        if (this.#read?.request === request) this.#end(end);
      },
    });
    socket.onopen = () => this.#send();
    socket.onclose = socket.onerror = () => {
      if (this.#socket === socket) this.#drop();
    };
    socket.onmessage = ({ data }) => {
      if (this.#socket !== socket) return;
      if (this.#read) this.#listen();
      try {
        assembly.push(data as string | ArrayBuffer);
      } catch {
        this.#drop();
      }
    };
  }

  #send(): void {
    if (this.#read) this.#socket?.send(readMessage(this.#read.request, this.#read.wish));
  }

  #listen(): void {
    clearTimeout(this.#idle);
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#drop(), silenceMs);
  }

  #end(how: ReadEnd | "lost"): void {
    clearTimeout(this.#silence);
    clearTimeout(this.#idle);
    if (this.#socket) this.#idle = setTimeout(() => this.#drop(), idleMs);
    const read = this.#read;
    this.#read = null;
    read?.resolve(how);
  }

  #drop(): void {
    const socket = this.#socket;
    this.#socket = null;
    if (socket) {
      socket.onopen = socket.onclose = socket.onerror = socket.onmessage = null;
      socket.close();
    }
    this.#end("lost");
  }
}
