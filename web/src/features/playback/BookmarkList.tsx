import { Bookmark as BookmarkIcon, Trash2 } from "lucide-react";
import { Popover } from "radix-ui";
import { useState } from "react";
import { useLetGo, type Bookmark } from "@/api/kept";
import { dayAndClock, duration } from "@/components/time";
import { Button } from "@/components/ui/Button";
import { RecordedPicture } from "@/picture/RecordedPicture";
import { words } from "./words";

/** The bookmarks of the cameras that are shown; choosing one goes there. */
export function BookmarkList({
  bookmarks,
  error,
  several,
  mayWrite,
  onGo,
  onAdd,
}: {
  /** Newest footage first; null while they are not known. */
  bookmarks: readonly Bookmark[] | null;
  error: Error | null;
  /** More than one camera: each bookmark says whose it is. */
  several: boolean;
  mayWrite: boolean;
  onGo: (bookmark: Bookmark) => void;
  onAdd: () => void;
}) {
  const [open, setOpen] = useState(false);
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger asChild>
        <Button
          variant="ghost"
          size="icon"
          aria-label={words.bookmarks}
          title={words.bookmarks}
          className="max-md:size-11"
        >
          <BookmarkIcon />
        </Button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          role="dialog"
          aria-label={words.bookmarks}
          side="top"
          align="end"
          sideOffset={8}
          collisionPadding={8}
          className="bg-panel z-50 flex max-h-96 w-80 flex-col rounded-lg border shadow-2xl"
        >
          <div className="flex items-center justify-between border-b px-3 py-2">
            <h2 className="font-medium">{words.bookmarks}</h2>
            {mayWrite && (
              <Button
                size="sm"
                className="max-md:h-11"
                title={words.addBookmarkHere}
                onClick={() => {
                  setOpen(false);
                  onAdd();
                }}
              >
                {words.add}
              </Button>
            )}
          </div>
          {bookmarks === null ? (
            <p role={error ? "alert" : undefined} className="text-soft p-3 text-[13px]">
              {error ? words.bookmarksNotRead(error.message) : words.lookingForBookmarks}
            </p>
          ) : bookmarks.length === 0 ? (
            <p className="text-soft p-3 text-[13px] text-pretty">{words.noBookmarks}</p>
          ) : (
            <ul className="min-h-0 divide-y overflow-y-auto">
              {bookmarks.map((bookmark) => (
                <Line
                  key={bookmark.id}
                  bookmark={bookmark}
                  several={several}
                  mayWrite={mayWrite}
                  onGo={() => {
                    setOpen(false);
                    onGo(bookmark);
                  }}
                />
              ))}
            </ul>
          )}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

function Line({
  bookmark,
  several,
  mayWrite,
  onGo,
}: {
  bookmark: Bookmark;
  several: boolean;
  mayWrite: boolean;
  onGo: () => void;
}) {
  const remove = useLetGo("bookmark");
  const [sure, setSure] = useState(false);
  const length = Date.parse(bookmark.to) - Date.parse(bookmark.from);
  return (
    <li className="flex items-start gap-1 px-1">
      <button
        type="button"
        className="hover:bg-raised flex min-w-0 flex-1 items-start gap-2.5 rounded-md px-2 py-2 text-left"
        title={bookmark.note || undefined}
        onClick={onGo}
      >
        <RecordedPicture
          cameraId={bookmark.cameraId}
          from={bookmark.from}
          to={bookmark.to}
          className="mt-0.5 aspect-video w-20 shrink-0 rounded"
        />
        <span className="min-w-0 flex-1">
          <span className="block truncate font-medium">{bookmark.title}</span>
          <span className="text-soft tabular block truncate text-[12px]">
            {dayAndClock(Date.parse(bookmark.from))}
            {length > 0 && `, ${duration(length)}`}
            {several && ` · ${bookmark.cameraName}`}
          </span>
          {bookmark.tags.length > 0 && (
            <span className="text-faint block truncate text-[12px]">{bookmark.tags.join(", ")}</span>
          )}
          {remove.isError && (
            <span role="alert" className="text-alarm block text-[12px]">
              {remove.error.message}
            </span>
          )}
        </span>
      </button>
      {mayWrite &&
        (sure ? (
          <Button
            size="sm"
            variant="danger"
            className="mt-2 px-2 max-md:h-11"
            autoFocus
            disabled={remove.isPending}
            onBlur={() => setSure(false)}
            onClick={() => remove.mutate(bookmark.id)}
          >
            {words.delete}
          </Button>
        ) : (
          <Button
            size="icon"
            variant="ghost"
            className="mt-2 size-8 max-md:size-11"
            aria-label={words.deleteBookmark(bookmark.title)}
            title={words.delete}
            onClick={() => setSure(true)}
          >
            <Trash2 />
          </Button>
        ))}
    </li>
  );
}
