import { useEffect, useRef } from "react";
import { formatAddress, type PlaybackAddress } from "./address";

const everyMs = 500;

/**
 * Keeps the address as what is seen. Past the router, which would render the page for every second that plays; going back and reloading
 * read the address itself. Browsers allow a few changes a second.
 */
export function useAddress(current: () => PlaybackAddress): void {
  const latest = useRef(current);
  useEffect(() => {
    latest.current = current;
  });
  useEffect(() => {
    const path = window.location.pathname;
    const write = () => {
      const search = formatAddress(latest.current());
      if (window.location.pathname === path && window.location.search !== search)
        window.history.replaceState(window.history.state, "", path + search);
    };
    const timer = setInterval(write, everyMs);
    window.addEventListener("pagehide", write);
    return () => {
      clearInterval(timer);
      window.removeEventListener("pagehide", write);
    };
  }, []);
}
