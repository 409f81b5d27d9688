import { useCallback, useMemo, useState } from "react";
import { useSearchParams } from "react-router";
import { useChangeAddress } from "@/app/useChangeAddress";
import type { Span } from "@/timeline/footage";
import { filterOf, parseWish, timeOf, wholeSpan, withWish, type SearchWish } from "./wish";

/** What the address asks for, and how it is changed. "Up to now" is up to when it was asked: lists do not jump by themselves. */
export function useSearch() {
  const [search, setSearch] = useSearchParams();
  const set = useChangeAddress();
  const text = search.toString();
  const wish = useMemo(() => parseWish(new URLSearchParams(text)), [text]);
  const [askedAt, setAskedAt] = useState(() => Date.now());
  const whole = useMemo((): Span => wholeSpan(wish, askedAt), [wish, askedAt]);
  const shown = wish.narrow ?? whole;
  const change = useCallback(
    (changed: Partial<SearchWish>) => {
      setAskedAt(Date.now());
      setSearch((now) => withWish(now, { ...parseWish(now), ...changed }), { replace: true });
    },
    [setSearch],
  );
  return {
    wish,
    /** All of the time that is asked for. */
    whole,
    /** The part of it that is looked at. */
    shown,
    filter: useMemo(() => ({ ...filterOf(wish), ...timeOf(shown, askedAt) }), [wish, shown, askedAt]),
    wholeFilter: useMemo(() => ({ ...filterOf(wish), ...timeOf(whole, askedAt) }), [wish, whole, askedAt]),
    change,
    get: (name: string) => search.get(name),
    params: () => search,
    /** Other names of the address. */
    set,
    again: () => setAskedAt(Date.now()),
  };
}

export type Search = ReturnType<typeof useSearch>;
