import { Dialog } from "@/components/ui/Dialog";
import { words } from "./words";

/** The map of keys, on `?`. */
export function KeyMap({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title={words.keys} onClose={onClose}>
      <div className="space-y-5">
        {Object.values(words.keyGroups).map((group) => (
          <section key={group.title}>
            <h3 className="text-soft mb-2 text-[13px] font-medium">{group.title}</h3>
            <dl className="space-y-1.5">
              {group.keys.map(([key, action]) => (
                <div key={key} className="flex items-center justify-between gap-4">
                  <dd>{action}</dd>
                  <dt>
                    <kbd className="bg-raised rounded border px-2 py-0.5 font-sans text-[12px] whitespace-nowrap">
                      {key}
                    </kbd>
                  </dt>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
