/** An address that neither opens nor fails (a firewall that swallows) holds the next one up for this long only. */
const staggerMs = 250;

/** None opened by then: the attempt as a whole has failed. */
const patienceMs = 1500;

export interface SocketRace {
  /** Stops the race. No callback comes after it. */
  cancel(): void;
}

/**
 * Opens a WebSocket to the first address that answers: one after the other, the next when one fails or is silent for a moment, in
 * turns for as long as some address is still silent. One that failed at once (its server restarts) gets another try meanwhile.
 * @param onOpen The open socket, without handlers, and the place of its address; the others are closed.
 * @param onFail None opened.
 */
export function openFirst(
  urls: string[],
  onOpen: (socket: WebSocket, index: number) => void,
  onFail: () => void,
): SocketRace {
  const pending = new Map<number, WebSocket>();
  let over = false;
  let turn = 0;
  let stagger: ReturnType<typeof setTimeout> | undefined;
  const deadline = setTimeout(() => finish(onFail), patienceMs);

  const finish = (then?: () => void) => {
    if (over) return;
    over = true;
    clearTimeout(deadline);
    clearTimeout(stagger);
    for (const socket of pending.values()) quiet(socket).close();
    pending.clear();
    then?.();
  };

  const next = () => {
    if (over) return;
    clearTimeout(stagger);
    const firstLap = turn < urls.length;
    if (!firstLap && pending.size === 0) return finish(onFail);
    const index = turn++ % urls.length;
    if (!pending.has(index)) attempt(index);
    stagger = setTimeout(next, staggerMs);
  };

  const attempt = (index: number) => {
    let socket: WebSocket;
    try {
      socket = new WebSocket(urls[index]!);
    } catch {
      return failed(); // an address the browser refuses to open (its own port rules)
    }
    pending.set(index, socket);
    const lost = () => {
      if (!pending.delete(index)) return;
      quiet(socket);
      failed();
    };
    socket.onopen = () => {
      pending.delete(index);
      quiet(socket);
      finish(() => onOpen(socket, index));
    };
    // A policy of the page that forbids the address gives an error and no close.
    socket.onerror = lost;
    socket.onclose = lost;
  };

  // On the first lap the next address gets its turn at once; later only its turn in time, or a refused one would be asked without a pause.
  const failed = () => {
    if (turn < urls.length || pending.size === 0) queueMicrotask(next);
  };

  next();
  return { cancel: () => finish() };
}

function quiet(socket: WebSocket): WebSocket {
  socket.onopen = socket.onclose = socket.onerror = null;
  return socket;
}
