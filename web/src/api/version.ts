import { useState } from "react";

/** `If-Match` of a change to what was read with this version: refused with `changedMeanwhile` when somebody else has changed it since. */
export const ifMatch = (version: string | number | undefined): { ifMatch?: string } =>
  version === undefined ? {} : { ifMatch: `"${version}"` };

/** The version that a form began with: what is read anew while somebody types is not what they have seen. */
export function useFirst(version: string | number | undefined): string | number | undefined {
  const [first, setFirst] = useState(version);
  if (first === undefined && version !== undefined) setFirst(version);
  return first;
}
