import { useEffect, useState, type RefObject } from "react";

/** What leaves the screen for a moment (a scroll past it, a layout that settles) keeps its picture. */
const scrolledAwayMs = 1000;
/** So does a tab that is left for a moment. */
const hiddenMs = 10_000;

/** False for what nobody sees: scrolled away, or in a tab that has been in the background for a while. */
export function useVisible(element: RefObject<Element | null>): boolean {
  const [visible, setVisible] = useState(true);
  useEffect(() => {
    if (!element.current) return;
    let onScreen = true;
    let leaving: ReturnType<typeof setTimeout> | undefined;
    const update = () => {
      clearTimeout(leaving);
      if (onScreen && !document.hidden) setVisible(true);
      else leaving = setTimeout(() => setVisible(false), document.hidden ? hiddenMs : scrolledAwayMs);
    };
    const observer = new IntersectionObserver((entries) => {
      onScreen = entries.at(-1)?.isIntersecting ?? true;
      update();
    });
    observer.observe(element.current);
    document.addEventListener("visibilitychange", update);
    return () => {
      clearTimeout(leaving);
      observer.disconnect();
      document.removeEventListener("visibilitychange", update);
    };
  }, [element]);
  return visible;
}
