import { useEffect, useState, type RefObject } from "react";

/** A tab that is left for a moment keeps its pictures. */
const graceMs = 10_000;

/** False for what nobody sees: scrolled away, or in a tab that has been in the background for a while. */
export function useVisible(element: RefObject<Element | null>): boolean {
  const [visible, setVisible] = useState(true);
  useEffect(() => {
    if (!element.current) return;
    let onScreen = true;
    let leaving: ReturnType<typeof setTimeout> | undefined;
    const update = () => {
      clearTimeout(leaving);
      if (document.hidden) leaving = setTimeout(() => setVisible(false), graceMs);
      else setVisible(onScreen);
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
