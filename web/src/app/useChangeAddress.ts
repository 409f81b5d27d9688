import { useCallback } from "react";
import { useSearchParams } from "react-router";

/** Changes what stands in the address behind the question mark, without a step back; null, or nothing in it, takes a name away. */
export function useChangeAddress(): (values: Readonly<Record<string, string | null>>) => void {
  const [, setSearch] = useSearchParams();
  return useCallback(
    (values) =>
      setSearch(
        (current) => {
          for (const [name, value] of Object.entries(values)) {
            if (value) current.set(name, value);
            else current.delete(name);
          }
          return current;
        },
        { replace: true },
      ),
    [setSearch],
  );
}
