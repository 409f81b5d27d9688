import { useState } from "react";
import { useSaveAnalytics } from "@/api/analytics";
import { ApiError } from "@/api/problem";
import type { Camera } from "@/api/types";
import { draftOf, inputOf, isSame, type Draft } from "./draft";
import { begun, changed, redone, undone } from "./history";

/** What is set up for a camera: from what the server had, over every change and back, until it is saved. */
export function useDraft(camera: Camera) {
  const [base, setBase] = useState(() => ({ generation: camera.generation, draft: draftOf(camera.analytics) }));
  const [history, setHistory] = useState(() => begun(base.draft));
  const saving = useSaveAnalytics(camera.id);
  const draft = history.now;
  const unsaved = !isSame(draft, base.draft);

  const beginWith = ({ generation, analytics }: Camera) => {
    const next = draftOf(analytics);
    setBase({ generation, draft: next });
    setHistory(begun(next));
  };
  // What others change is seen at once, as long as nothing of ours stands against it.
  if (!unsaved && camera.generation > base.generation) beginWith(camera);

  const saveAs = (generation: number) =>
    saving.mutate(
      { analytics: inputOf(draft), generation },
      {
        onSuccess: (saved) => {
          const next = draftOf(saved.analytics);
          setBase({ generation: saved.generation, draft: next });
          // What was changed while it was on its way is not saved yet, and stays.
          setHistory((h) => (h.now === draft ? begun(next) : h));
        },
      },
    );

  return {
    draft,
    unsaved,
    saving: saving.isPending,
    error: saving.error,
    /** Somebody else has changed the camera since this was read. */
    isConflict: saving.error instanceof ApiError && saving.error.code === "changedMeanwhile",
    canUndo: history.past.length > 0,
    canRedo: history.future.length > 0,
    /** @param what see {@link changed} */
    change: (next: Draft, what: string | null = null) => setHistory((h) => changed(h, next, what)),
    undo: () => setHistory(undone),
    redo: () => setHistory(redone),
    save: () => saveAs(base.generation),
    /** Over what somebody else has made of it meanwhile. */
    saveAnyway: () => saveAs(camera.generation),
    /** Back to what the server has. */
    discard: () => {
      saving.reset();
      beginWith(camera);
    },
  };
}
