import { ArrowLeft, ClipboardPaste, Download, Plus, Trash2 } from "lucide-react";
import { useEffect, useState } from "react";
import { useBlocker } from "react-router";
import { toast } from "sonner";
import { ApiError } from "@/api/problem";
import { usePlateList, useReadPlateList, useSavePlateList, type PlateListView } from "@/api/plateLists";
import { ConfirmDialog } from "@/components/ConfirmDialog";
import { FormProblem } from "@/components/FormProblem";
import { ListSkeleton } from "@/components/ListSkeleton";
import { QueryError } from "@/components/States";
import { saveText } from "@/components/saveText";
import { Button } from "@/components/ui/Button";
import { TextField } from "@/components/ui/Field";
import { words as pageWords } from "@/components/words";
import { number } from "@/i18n/formats";
import { PasteDialog } from "./PasteDialog";
import { entryOf, isPlate, isSame, maxEntries, merged, normalPlate, rebased, toCsv, type Entry } from "./plates";
import { words } from "./words";

/** Rows at first; ten thousand at once help nobody. */
const page = 100;

/** One list with its plates. @param id Null: a new one. */
export function PlateListEditor({
  id,
  onMade,
  onClose,
}: {
  id: string | null;
  /** A new one has an address of its own. */
  onMade: (id: string) => void;
  onClose: () => void;
}) {
  const list = usePlateList(id);
  if (id !== null && list.isPending) return <ListSkeleton lines={6} className="h-12" />;
  if (id !== null && !list.data)
    return <QueryError what={words.theList} error={list.error} onRetry={() => void list.refetch()} />;
  // What is read anew while somebody types changes nothing here: saving says that somebody else was faster.
  return <Editor first={list.data ?? null} onMade={onMade} onClose={onClose} />;
}

function Editor({
  first,
  onMade,
  onClose,
}: {
  first: PlateListView | null;
  onMade: (id: string) => void;
  onClose: () => void;
}) {
  const [list, setList] = useState(first);
  const [name, setName] = useState(first?.name ?? "");
  const [note, setNote] = useState(first?.note ?? "");
  const [entries, setEntries] = useState<Entry[]>(() => (first?.entries ?? []).map(entryOf));
  const [pasting, setPasting] = useState(false);
  const save = useSavePlateList(list);
  const read = useReadPlateList();
  const saved = (list?.entries ?? []).map(entryOf);
  const changed = name !== (list?.name ?? "") || note !== (list?.note ?? "") || !isSame(entries, saved);
  const blocker = useBlocker(changed && !save.isPending);
  const made = first === null && list !== null && !changed ? list.id : null;
  useEffect(() => {
    if (made !== null) onMade(made);
    // eslint-disable-next-line react-hooks/exhaustive-deps -- told once
  }, [made]);
  const add = (added: readonly Entry[]) => setEntries((now) => merged(now, added));
  /** What was typed since `began` stays, and counts on top of what the server has now. */
  const take = (now: PlateListView, began: { name: string; note: string; entries: readonly Entry[] }) => {
    setList(now);
    setName((typed) => (typed === began.name ? now.name : typed));
    setNote((typed) => (typed === began.note ? now.note : typed));
    setEntries((typed) => rebased(typed, began.entries, now.entries.map(entryOf)));
  };
  const isConflict = save.error instanceof ApiError && save.error.code === "changedMeanwhile";

  return (
    <section aria-label={list?.name ?? words.newList}>
      <header className="mb-5 flex flex-wrap items-center gap-2">
        <Button
          variant="ghost"
          size="icon"
          className="max-md:size-11"
          aria-label={words.back}
          title={words.back}
          onClick={onClose}
        >
          <ArrowLeft />
        </Button>
        <h2 className="min-w-0 flex-1 truncate font-semibold">{list?.name ?? words.newList}</h2>
        <Button
          className="max-md:h-11"
          disabled={entries.length === 0}
          onClick={() => saveText(`${name.trim() || words.fileName}.csv`, toCsv(entries), "text/csv")}
        >
          <Download /> {words.export}
        </Button>
        <Button
          variant="primary"
          className="max-md:h-11"
          disabled={!changed || save.isPending}
          onClick={() =>
            save.mutate(
              { name: name.trim(), note: note.trim(), entries },
              {
                onSuccess: (now) => {
                  take(now, { name, note, entries });
                  toast(words.saved(now.name));
                },
              },
            )
          }
        >
          {save.isPending ? pageWords.saving : pageWords.save}
        </Button>
      </header>
      <div className="mb-5 space-y-3">
        {isConflict && list ? (
          <div role="alert" className="flex flex-wrap items-center gap-3">
            <p className="text-warn min-w-0 flex-1 basis-60 text-[13px] text-pretty">{words.conflict}</p>
            <Button
              className="max-md:h-11"
              disabled={read.isPending}
              onClick={() =>
                read.mutate(list.id, {
                  onSuccess: (now) => {
                    take(now, { name: list.name, note: list.note, entries: saved });
                    save.reset();
                  },
                })
              }
            >
              {words.takeTheirs}
            </Button>
          </div>
        ) : (
          <FormProblem error={save.error} shown={["name"]} />
        )}
        <FormProblem error={read.error} />
        <div className="grid gap-4 sm:grid-cols-2">
          <TextField
            label={words.name}
            value={name}
            autoFocus={list === null}
            maxLength={64}
            onChange={(e) => setName(e.target.value)}
            hint={list && name.trim() !== list.name ? words.renameHint : words.nameHint}
            error={save.error instanceof ApiError ? save.error.field("name") : undefined}
          />
          <TextField label={words.note} value={note} maxLength={200} onChange={(e) => setNote(e.target.value)} />
        </div>
      </div>
      <Entries entries={entries} onChange={setEntries} onAdd={add} onPaste={() => setPasting(true)} />
      {pasting && (
        <PasteDialog
          room={maxEntries}
          before={entries}
          onAdd={(added) => {
            add(added);
            setPasting(false);
          }}
          onClose={() => setPasting(false)}
        />
      )}
      {blocker.state === "blocked" && (
        <ConfirmDialog
          title={pageWords.discardWhat}
          description={words.unsaved}
          action={pageWords.discard}
          error={null}
          busy={false}
          onConfirm={() => blocker.proceed()}
          onClose={() => blocker.reset()}
        />
      )}
    </section>
  );
}

function Entries({
  entries,
  onChange,
  onAdd,
  onPaste,
}: {
  entries: readonly Entry[];
  onChange: (entries: Entry[]) => void;
  onAdd: (added: readonly Entry[]) => void;
  onPaste: () => void;
}) {
  const [sought, setSought] = useState("");
  const [shown, setShown] = useState(page);
  const plate = normalPlate(sought);
  const wanted = entries.filter(
    (e) =>
      sought === "" || (plate !== "" && e.plate.includes(plate)) || e.note.toLowerCase().includes(sought.toLowerCase()),
  );
  const isNew = isPlate(plate) && !entries.some((e) => e.plate === plate);
  const addTyped = () => {
    if (!isNew || entries.length >= maxEntries) return;
    onAdd([{ plate, note: "" }]);
    setSought("");
  };
  return (
    <>
      <div className="mb-2 flex flex-wrap items-center gap-2">
        <input
          type="search"
          aria-label={words.seekOrAdd}
          placeholder={words.seekOrAdd}
          value={sought}
          autoCapitalize="characters"
          autoComplete="off"
          spellCheck={false}
          onChange={(e) => setSought(e.target.value)}
          onKeyDown={(e) => e.key === "Enter" && addTyped()}
          className="bg-raised h-9 min-w-0 flex-1 basis-48 rounded-md border px-3 max-md:h-11"
        />
        <Button className="max-md:h-11" disabled={!isNew || entries.length >= maxEntries} onClick={addTyped}>
          <Plus /> {words.addPlate(isNew ? plate : "")}
        </Button>
        <Button className="max-md:h-11" onClick={onPaste}>
          <ClipboardPaste /> {words.addMany}
        </Button>
      </div>
      <p className="text-faint mb-3 text-[13px] text-pretty">{words.wildcards}</p>
      {entries.length === 0 ? (
        <p className="text-soft bg-panel rounded-lg border p-6 text-center">{words.noPlates}</p>
      ) : wanted.length === 0 ? (
        <p className="text-soft bg-panel rounded-lg border p-6 text-center">{words.noSuchPlate}</p>
      ) : (
        <ul aria-label={words.platesOfList} className="bg-panel divide-y rounded-lg border">
          {wanted.slice(0, shown).map((entry) => (
            <li key={entry.plate} className="flex items-center gap-3 py-1 pr-1.5 pl-4">
              <span className="tabular w-40 shrink-0 truncate font-medium max-md:w-28">{entry.plate}</span>
              <input
                aria-label={words.noteOf(entry.plate)}
                placeholder={words.note}
                value={entry.note}
                maxLength={200}
                onChange={(e) =>
                  onChange(entries.map((other) => (other === entry ? { ...entry, note: e.target.value } : other)))
                }
                className="hover:border-line focus:border-line h-9 min-w-0 flex-1 rounded-md border border-transparent bg-transparent px-2 max-md:h-11"
              />
              <Button
                variant="ghost"
                size="icon"
                className="max-md:size-11"
                aria-label={words.removePlate(entry.plate)}
                title={words.removePlate(entry.plate)}
                onClick={() => onChange(entries.filter((other) => other !== entry))}
              >
                <Trash2 />
              </Button>
            </li>
          ))}
        </ul>
      )}
      {wanted.length > shown && (
        <Button className="mt-3 max-md:h-11" onClick={() => setShown(shown + page)}>
          {words.showMoreOf(number(wanted.length - shown))}
        </Button>
      )}
    </>
  );
}
