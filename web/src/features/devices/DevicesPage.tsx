import { ArrowDown, ArrowUp, Cctv, ChevronLeft, Download, Search } from "lucide-react";
import { Link, useSearchParams } from "react-router";
import { useDevices, type Device } from "@/api/device";
import { toneText } from "@/components/cameraWords";
import { cn } from "@/components/cn";
import { failureOf } from "@/components/failureOf";
import { ListSkeleton } from "@/components/ListSkeleton";
import { saveText } from "@/components/saveText";
import { EmptyState, QueryError } from "@/components/States";
import { Button } from "@/components/ui/Button";
import { When } from "@/components/When";
import { clockWords } from "@/features/camera/clock";
import { columns, csvOf, matching, modelsOf, sorted, type Column } from "./inventory";
import { words } from "./words";

const heads = (): Record<Column, string> => ({
  cameraName: words.camera,
  maker: words.maker,
  model: words.model,
  firmware: words.firmware,
  serialNumber: words.serialNumber,
  address: words.address,
});

/** What all the cameras are. `?q=WORDS` and `?sort=COLUMN` (`-COLUMN`: downwards) are links too. */
export function DevicesPage() {
  const [search, setSearch] = useSearchParams();
  const devices = useDevices();
  const query = search.get("q") ?? "";
  const wanted = search.get("sort") ?? "cameraName";
  const down = wanted.startsWith("-");
  const column = columns.find((c) => c === wanted.replace("-", "")) ?? "cameraName";
  const all = devices.data ?? [];
  const failure = failureOf(devices);
  const shown = sorted(matching(all, query), column, down);
  const change = (key: string, value: string) =>
    setSearch(
      (current) => {
        if (value) current.set(key, value);
        else current.delete(key);
        return current;
      },
      { replace: true },
    );
  return (
    <div className="mx-auto max-w-6xl p-4 md:p-8">
      <Link to="/cameras" className="text-soft hover:text-text mb-3 inline-flex items-center gap-1 text-[13px]">
        <ChevronLeft className="size-4" aria-hidden /> {words.cameras}
      </Link>
      <header className="mb-6 flex flex-wrap items-center justify-between gap-3">
        <div>
          <h1 className="text-xl font-semibold">{words.devices}</h1>
          <p className="text-soft">{words.lead}</p>
        </div>
        {all.length > 0 && (
          <Button
            className="max-md:h-11"
            onClick={() => saveText("devices.csv", "\uFEFF" + csvOf(shown, heads()), "text/csv")}
          >
            <Download /> {words.saveList}
          </Button>
        )}
      </header>
      {all.length === 0 && failure ? (
        <QueryError what={words.theDevices} error={failure} onRetry={() => void devices.refetch()} />
      ) : devices.isPending ? (
        <ListSkeleton />
      ) : all.length === 0 ? (
        <EmptyState icon={<Cctv />} title={words.none} detail={words.noneDetail} />
      ) : (
        <>
          <Models devices={all} onChoose={(text) => change("q", text)} />
          <div className="relative mb-3">
            <Search className="text-faint absolute top-1/2 left-3 size-4 -translate-y-1/2" aria-hidden />
            <input
              type="search"
              aria-label={words.filter}
              placeholder={words.filter}
              value={query}
              onChange={(e) => change("q", e.target.value)}
              className="bg-panel placeholder:text-faint h-10 w-full rounded-md border pr-3 pl-9 max-md:h-11"
            />
          </div>
          {shown.length === 0 ? (
            <p className="text-soft py-12 text-center">{words.noneLike(query)}</p>
          ) : (
            <Table
              devices={shown}
              column={column}
              down={down}
              onSort={(c) => change("sort", c === column && !down ? `-${c}` : c)}
            />
          )}
        </>
      )}
    </div>
  );
}

/** Which models there are; one that runs several firmwares says so. */
function Models({ devices, onChoose }: { devices: readonly Device[]; onChoose: (query: string) => void }) {
  return (
    <ul aria-label={words.models} className="mb-4 flex flex-wrap gap-2">
      {modelsOf(devices).map(({ maker, model, count, firmwares }) => (
        <li key={`${maker} ${model}`}>
          <button
            type="button"
            disabled={model === null}
            onClick={() => onChoose(`${maker ?? ""} ${model ?? ""}`.trim())}
            className="bg-panel enabled:hover:bg-raised min-h-9 rounded-full border px-3 py-1 text-[13px] max-md:min-h-11"
          >
            <span className="tabular text-soft">{words.count(count)}</span>{" "}
            {model === null ? words.unknownModel : `${maker ?? ""} ${model}`}
            {firmwares.length > 1 && <span className="text-warn"> · {words.severalFirmwares(firmwares.length)}</span>}
          </button>
        </li>
      ))}
    </ul>
  );
}

interface TableProps {
  devices: readonly Device[];
  column: Column;
  down: boolean;
  onSort: (column: Column) => void;
}

function Table({ devices, column, down, onSort }: TableProps) {
  const names = heads();
  return (
    <div className="bg-panel overflow-x-auto rounded-lg border">
      <table className="w-full text-left text-[13px]">
        <thead>
          <tr className="border-b">
            {columns.map((c) => (
              <th key={c} scope="col" aria-sort={c === column ? (down ? "descending" : "ascending") : "none"}>
                <button
                  type="button"
                  title={words.sortBy(names[c])}
                  onClick={() => onSort(c)}
                  className={cn(
                    "flex h-10 w-full items-center gap-1 px-3 font-medium whitespace-nowrap",
                    c === column ? "text-text" : "text-soft",
                  )}
                >
                  {names[c]}
                  {c === column && (down ? <ArrowDown className="size-3.5" /> : <ArrowUp className="size-3.5" />)}
                </button>
              </th>
            ))}
            <th scope="col" className="text-soft px-3 font-medium">
              {words.clock}
            </th>
          </tr>
        </thead>
        <tbody className="divide-y">
          {devices.map((device) => (
            <Line key={device.cameraId} device={device} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Line({ device }: { device: Device }) {
  const clock = device.clockOffsetMs === null ? null : clockWords(device.clockOffsetMs);
  return (
    <tr>
      <th scope="row" className="px-3 py-2.5 font-medium">
        <Link to={`/cameras/${device.cameraId}`} className="hover:underline">
          {device.cameraName}
        </Link>
      </th>
      <td className="px-3 py-2.5 whitespace-nowrap">
        {device.maker ?? <span className="text-soft">{words.notKnown}</span>}
      </td>
      <td className="px-3 py-2.5 whitespace-nowrap">{device.model}</td>
      <td className="tabular px-3 py-2.5 whitespace-nowrap">
        {device.firmware}
        {device.changedAt && (
          <span className="text-warn">
            {" "}
            · {words.changed} <When at={device.changedAt} />
          </span>
        )}
      </td>
      <td className="tabular px-3 py-2.5 whitespace-nowrap">{device.serialNumber}</td>
      <td className="tabular px-3 py-2.5 whitespace-nowrap">{device.address}</td>
      <td className={cn("px-3 whitespace-nowrap", clock && toneText[clock.tone])}>{clock?.text}</td>
    </tr>
  );
}
