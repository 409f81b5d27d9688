import type { ReactNode } from "react";

/** Room for a picture with its transport and timeline, whatever the width. */
export function MomentFrame({ children }: { children: ReactNode }) {
  return (
    <div className="pictures h-[clamp(20rem,calc(56.25cqw+10rem),68dvh)] overflow-hidden rounded-lg border max-sm:-mx-4 max-sm:rounded-none max-sm:border-x-0">
      {children}
    </div>
  );
}
