import type { RefObject } from "react";
import { useNavigate, useSearchParams } from "react-router";
import { useChangeAddress } from "@/app/useChangeAddress";
import { useShortcuts } from "@/app/useShortcuts";
import { neighbourOf } from "./neighbourOf";

/**
 * What of a list is open stands in the address. Keys and buttons go on to the one before and the one after; while nothing is open, keys move
 * the focus.
 * @param place Of what is open in the list; −1: it is not there.
 * @param opened Undefined while it is not known.
 * @param inAddress The names that it has there, and what they say of one; null takes them away.
 */
export function useOpened<T extends { at: string }>({
  items,
  place,
  opened,
  isOpen,
  inAddress,
  scroller,
}: {
  items: readonly T[];
  place: number;
  opened: T | undefined;
  isOpen: boolean;
  inAddress: (item: T | null) => Readonly<Record<string, string | null>>;
  scroller: RefObject<HTMLElement | null>;
}) {
  const [search] = useSearchParams();
  const navigate = useNavigate();
  const change = useChangeAddress();
  const addressOf = (item: T): string => {
    const next = new URLSearchParams(search);
    for (const [name, value] of Object.entries(inAddress(item))) next.set(name, value!);
    return `?${next}`;
  };
  const to = (by: 1 | -1) => {
    const item = isOpen ? neighbourOf(items, place, opened, by) : undefined;
    return item && (() => void navigate(addressOf(item), { replace: true }));
  };
  const [onPrevious, onNext] = [to(-1), to(1)];
  const close = () => change(inAddress(null));
  const step = (by: 1 | -1) => {
    if (isOpen) return (by > 0 ? onNext : onPrevious)?.();
    const links = [...(scroller.current?.querySelectorAll<HTMLElement>("li > a") ?? [])];
    const current = links.indexOf(document.activeElement as HTMLElement);
    links[current < 0 ? 0 : current + by]?.focus();
  };
  useShortcuts({ j: () => step(1), k: () => step(-1), ...(isOpen && { Escape: close }) });
  return { addressOf, onPrevious, onNext, close };
}
