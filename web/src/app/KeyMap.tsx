import { Dialog } from "@/components/ui/Dialog";

const groups: { title: string; keys: [string, string][] }[] = [
  { title: "Everywhere", keys: [["?", "Show this map"]] },
  {
    title: "Live",
    keys: [
      ["1 – 4", "Layout: 1, 4, 9 or 16 tiles"],
      ["F", "Full screen"],
      ["M", "Listen to the camera, or mute it"],
      ["R", "Record now, or end that"],
      ["S", "Save the picture"],
      ["Enter", "Enlarge the tile, and back"],
      ["+ / − / 0", "Magnify the tile in focus, show it whole"],
      ["Shift + drag", "Magnify what is drawn around"],
      ["← →", "Page of cameras"],
    ],
  },
  {
    title: "Playback",
    keys: [
      ["Space, K", "Play or pause"],
      ["J / L", "Play backwards or forwards; again: faster"],
      [", / .", "One frame back or forward"],
      ["← →", "10 seconds back or forward"],
      ["↓ ↑", "One minute back or forward"],
      ["Shift + ← →", "Event or gap before or after"],
      ["/", "Search for motion in a region of the picture"],
      ["N / P", "Motion found before or after"],
      ["B", "Bookmark what is selected, or this moment"],
      ["G", "Go to a time: 14:03, yesterday 14:03"],
      ["[ / ], I / O", "Select from here, until here"],
      ["Shift + drag", "Select on the timeline"],
      ["Esc", "Clear the selection"],
      ["+ / −", "Zoom the timeline"],
      ["S", "Save the picture"],
      ["0", "Show the whole picture of the tile in focus"],
      ["F", "Full screen"],
    ],
  },
];

/** The map of keys, on `?`. */
export function KeyMap({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="Keys" onClose={onClose}>
      <div className="space-y-5">
        {groups.map((group) => (
          <section key={group.title}>
            <h3 className="text-soft mb-2 text-[13px] font-medium">{group.title}</h3>
            <dl className="space-y-1.5">
              {group.keys.map(([key, action]) => (
                <div key={key} className="flex items-center justify-between">
                  <dd>{action}</dd>
                  <dt>
                    <kbd className="bg-raised rounded border px-2 py-0.5 font-sans text-[12px]">{key}</kbd>
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
