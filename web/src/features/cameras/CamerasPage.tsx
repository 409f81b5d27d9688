import { Cctv, Radar, Search } from "lucide-react";
import { useState } from "react";
import { Link, useSearchParams } from "react-router";
import { useCameras } from "@/api/cameras";
import { useMay } from "@/api/useMe";
import { EmptyState, QueryError, Skeleton } from "@/components/States";
import { Button } from "@/components/ui/Button";
import { words as pageWords } from "@/components/words";
import { ContinueSetUp } from "@/features/setup/ContinueSetUp";
import { AddMenu } from "./AddMenu";
import { CameraDialog } from "./CameraDialog";
import { CameraLine } from "./CameraLine";
import { ChangeManyDialog } from "./ChangeManyDialog";
import { DeleteCameraDialog } from "./DeleteCameraDialog";
import { ImportDialog } from "./ImportDialog";
import { chosen, matches, nothing } from "./selection";
import { words } from "./words";

/** So many are seen without looking for one. */
const manyCameras = 8;

/**
 * All cameras with what they do, and the place to add, change and remove them. `?edit=ID|new`, `?delete=ID`, `?import=new|JOB` and `?q=WORDS` are
 * links too.
 */
export function CamerasPage() {
  const [search, setSearch] = useSearchParams();
  const cameras = useCameras();
  const [selection, setSelection] = useState(nothing);
  const [changing, setChanging] = useState(false);
  const may = useMay();
  const mayWrite = may("cameras.write");
  const all = cameras.data ?? [];
  const query = search.get("q") ?? "";
  const shown = all.filter((c) => matches(c, query));
  const selected = shown.filter((c) => selection.ids.has(c.id));
  const edit = search.get("edit");
  const importing = search.get("import");

  const change = (values: Record<string, string | null>, replace = false) =>
    setSearch(
      (current) => {
        for (const [key, value] of Object.entries(values)) {
          if (value) current.set(key, value);
          else current.delete(key);
        }
        return current;
      },
      { replace },
    );
  const close = () => change({ edit: null, delete: null, import: null }, true);
  const allChosen = shown.length > 0 && selected.length === shown.length;

  return (
    <div className="mx-auto max-w-5xl p-4 md:p-8">
      <header className="mb-6 flex flex-wrap items-center justify-between gap-x-4 gap-y-3">
        <div>
          <h1 className="text-xl font-semibold">{words.cameras}</h1>
          {all.length > 0 && (
            <p className="text-soft">
              {words.counts(
                all.filter((c) => c.state === "online").length,
                all.length,
                all.filter((c) => c.recording.state === "recording").length,
              )}
              {" · "}
              <Link to="/cameras/devices" className="text-accent underline">
                {words.devices}
              </Link>
            </p>
          )}
        </div>
        {mayWrite && (
          <div className="flex flex-wrap gap-2">
            {all.length > 0 && <ContinueSetUp />}
            <AddMenu onAdd={() => change({ edit: "new" })} onImport={() => change({ import: "new" })} />
          </div>
        )}
      </header>

      {cameras.isPending ? (
        <div className="space-y-2" role="status" aria-label={pageWords.loading}>
          {[0, 1, 2, 3].map((i) => (
            <Skeleton key={i} className="h-20" />
          ))}
        </div>
      ) : cameras.isError && all.length === 0 ? (
        <QueryError what={pageWords.theCameras} error={cameras.error} onRetry={() => void cameras.refetch()} />
      ) : all.length === 0 ? (
        <EmptyState icon={<Cctv />} title={words.noneYet} detail={mayWrite ? words.noneYetDetail : words.noneYetReader}>
          {mayWrite && (
            <>
              {may("devices.discover") && (
                <Button asChild variant="primary" className="max-md:h-11">
                  <Link to="/cameras/find">
                    <Radar /> {words.findCameras}
                  </Link>
                </Button>
              )}
              <Button className="max-md:h-11" onClick={() => change({ edit: "new" })}>
                {words.byStreamAddress}
              </Button>
              <ContinueSetUp />
            </>
          )}
        </EmptyState>
      ) : (
        <>
          {(all.length > manyCameras || query) && (
            <div className="relative mb-3">
              <Search className="text-faint absolute top-1/2 left-3 size-4 -translate-y-1/2" aria-hidden />
              <input
                type="search"
                aria-label={words.filter}
                placeholder={words.filter}
                defaultValue={query}
                onChange={(e) => change({ q: e.target.value }, true)}
                className="bg-panel placeholder:text-faint h-10 w-full rounded-md border pr-3 pl-9 max-md:h-11"
              />
            </div>
          )}
          {shown.length === 0 ? (
            <p className="text-soft py-12 text-center">{words.noneLike(query)}</p>
          ) : (
            <div className="bg-panel overflow-hidden rounded-lg border">
              {mayWrite && shown.length > 1 && (
                <label className="text-soft flex h-10 items-center gap-3 border-b px-3 text-[13px] max-md:h-11 md:px-4">
                  <input
                    type="checkbox"
                    checked={allChosen}
                    ref={(box) => {
                      if (box) box.indeterminate = selected.length > 0 && !allChosen;
                    }}
                    onChange={() => setSelection({ ids: new Set(allChosen ? [] : shown.map((c) => c.id)), last: null })}
                    className="accent-accent size-4"
                  />
                  {selected.length === 0 ? words.selectAll : words.selected(selected.length)}
                </label>
              )}
              <ul className="divide-y">
                {shown.map((camera) => (
                  <CameraLine
                    key={camera.id}
                    camera={camera}
                    mayWrite={mayWrite}
                    selected={selection.ids.has(camera.id)}
                    onSelect={(on, range) =>
                      setSelection((s) =>
                        chosen(
                          s,
                          shown.map((c) => c.id),
                          camera.id,
                          on,
                          range,
                        ),
                      )
                    }
                    onEdit={() => change({ edit: camera.id })}
                    onDelete={() => change({ delete: camera.id })}
                  />
                ))}
              </ul>
            </div>
          )}
        </>
      )}

      {mayWrite && selected.length > 0 && (
        <div
          role="toolbar"
          aria-label={words.selected(selected.length)}
          className="bg-raised sticky bottom-3 mx-auto mt-3 flex w-fit items-center gap-2 rounded-lg border p-2 shadow-2xl sm:pl-4"
        >
          <span className="tabular max-sm:hidden">{words.selected(selected.length)}</span>
          <Button variant="ghost" className="max-md:h-11" onClick={() => setSelection(nothing)}>
            {words.selectNone}
          </Button>
          <Button variant="primary" className="max-md:h-11" onClick={() => setChanging(true)}>
            {words.changeMany}
          </Button>
        </div>
      )}
      {mayWrite && changing && selected.length > 0 && (
        <ChangeManyDialog
          cameras={selected}
          onClose={(done) => {
            setChanging(false);
            if (done) setSelection(nothing);
          }}
        />
      )}
      {mayWrite && importing && (
        <ImportDialog
          jobId={importing === "new" ? null : importing}
          onJob={(id) => change({ import: id }, true)}
          onClose={close}
        />
      )}
      {mayWrite && (edit === "new" || all.some((c) => c.id === edit)) && (
        <CameraDialog camera={all.find((c) => c.id === edit) ?? null} onClose={close} />
      )}
      {all
        .filter((c) => mayWrite && c.id === search.get("delete"))
        .map((camera) => (
          <DeleteCameraDialog key={camera.id} camera={camera} onClose={close} />
        ))}
    </div>
  );
}
