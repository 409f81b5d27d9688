import { BarChart3, Download } from "lucide-react";
import { useCounts, type Counts } from "@/api/detections";
import { Skeleton, EmptyState, QueryError } from "@/components/States";
import { saveText } from "@/components/saveText";
import { zoneName } from "@/components/time";
import { Button } from "@/components/ui/Button";
import { classWords } from "@/events/eventWords";
import { number, timeFormat } from "@/i18n/formats";
import { CountChart, dotOf, type ChartSeries } from "./CountChart";
import { linesOf, periodFor, periods, periodsFor, sumsOf, toCsv, type LineCount, type Period } from "./counting";
import { SearchFilters } from "./SearchFilters";
import { SearchFrame } from "./SearchFrame";
import { useSearch } from "./useSearch";
import { ofAllClasses } from "./wish";
import { words } from "./words";

const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const subjects = ["class", "camera", "line", "zone"] as const;
/** Series with a colour of their own. */
const mostSeries = 6;

const hourName = timeFormat({ weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const dayLabel = timeFormat({ weekday: "short", day: "numeric", month: "short" });
const weekLabel = timeFormat({ day: "numeric", month: "short", year: "numeric" });
const monthLabel = timeFormat({ month: "long", year: "numeric" });
const namesOf: Record<Period, (at: number) => string> = {
  hour: hourName,
  day: dayLabel,
  week: (at) => words.weekOf(weekLabel(at)),
  month: monthLabel,
};

/** How many there were by the hour, day, week or month; who crossed lines in which direction. `?of=` and `?by=` say what is counted. */
export function CountsPage() {
  const search = useSearch();
  const { shown } = search;
  const of = subjects.find((s) => s === search.get("of")) ?? "class";
  const by = periodFor(shown, search.get("by"));
  const classes = useCounts(ofAllClasses(search.filter), { of: "class", by: "month", timeZone });
  const counts = useCounts(search.filter, { of, by, timeZone });
  // What is shown may be the answer to the question before.
  const nameOf = namesOf[periods.find((p) => p === counts.data?.by) ?? by];

  return (
    <SearchFrame>
      <SearchFilters search={search} counts={classes.data} />
      <div className="flex flex-wrap gap-2">
        <Choice
          label={words.countBy}
          options={periodsFor(shown)}
          chosen={by}
          names={words.periods}
          onChange={(p) => search.set({ by: p })}
        />
        <Choice
          label={words.countOf}
          options={subjects}
          chosen={of}
          names={words.subjects}
          onChange={(s) => search.set({ of: s })}
        />
      </div>
      {counts.isPending ? (
        <Skeleton className="h-80" />
      ) : counts.isError ? (
        <QueryError what={words.theCounts} error={counts.error} onRetry={() => void counts.refetch()} />
      ) : counts.data.series.length === 0 ? (
        <div className="bg-panel rounded-lg border">
          <EmptyState
            icon={<BarChart3 />}
            title={words.nothingCounted}
            detail={of === "line" ? words.noLineCrossed : of === "zone" ? words.noZoneEntered : words.nothingThen}
          />
        </div>
      ) : counts.data.of === "line" ? (
        <Lines counts={counts.data} nameOf={nameOf} zone={zoneName(shown.to)} />
      ) : (
        <Objects counts={counts.data} nameOf={nameOf} zone={zoneName(shown.to)} />
      )}
    </SearchFrame>
  );
}

function Choice<T extends string>({
  label,
  options,
  chosen,
  names,
  onChange,
}: {
  label: string;
  options: readonly T[];
  chosen: T;
  names: Readonly<Record<T, string>>;
  onChange: (option: T) => void;
}) {
  return (
    <div role="radiogroup" aria-label={label} className="bg-ground flex flex-wrap gap-0.5 rounded-md border p-0.5">
      {options.map((option) => (
        <label
          key={option}
          className="has-checked:bg-raised has-checked:text-text text-soft hover:text-text flex h-8 items-center rounded px-3 text-[13px] has-focus-visible:outline-2 has-focus-visible:outline-offset-2 max-md:h-11"
        >
          <input
            type="radio"
            name={label}
            className="sr-only"
            checked={chosen === option}
            onChange={() => onChange(option)}
          />
          {names[option]}
        </label>
      ))}
    </div>
  );
}

interface Shown {
  counts: Counts;
  nameOf: (at: number) => string;
  /** Short name of the time zone. */
  zone: string;
}

/** The largest first, as the server has them. */
function seriesOf({ of, series }: Counts): ChartSeries[] {
  return series.map((s) => ({
    key: `${s.cameraId}/${s.name}`,
    name:
      of === "class"
        ? s.name === null
          ? words.object
          : classWords(s.name)
        : of === "camera"
          ? (s.cameraName ?? words.goneCamera)
          : words.shapeAt(s.name ?? "", s.cameraName ?? words.goneCamera),
    counts: s.counts,
  }));
}

/** The largest series by themselves, all others as one. */
function withOthers(named: ChartSeries[], { starts }: Counts): ChartSeries[] {
  if (named.length <= mostSeries) return named;
  const rest = named.slice(mostSeries - 1);
  return [...named.slice(0, mostSeries - 1), { key: "rest", name: words.others, counts: sumsOf(rest, starts.length) }];
}

const sum = (counts: readonly number[]) => counts.reduce((a, b) => a + b, 0);

function Objects({ counts, nameOf, zone }: Shown) {
  const named = seriesOf(counts);
  const series = withOthers(named, counts);
  const all = sum(series.map((s) => sum(s.counts)));
  return (
    <Card
      title={words.countTitle(words.subjects[counts.of])}
      lead={`${words.found(all, number(all))} · ${zone}`}
      onSave={() => saveText("counts.csv", toCsv(counts, named, words.begins), "text/csv")}
    >
      <CountChart
        label={words.chartOf(words.subjects[counts.of])}
        starts={counts.starts}
        series={series}
        nameOf={nameOf}
      />
      <table className="mt-4 w-full text-[13px]">
        <thead>
          <tr className="text-soft text-left">
            <th scope="col" className="py-1.5 font-medium">
              {words.subjects[counts.of]}
            </th>
            <th scope="col" className="py-1.5 text-right font-medium">
              {words.count}
            </th>
            <th scope="col" className="py-1.5 text-right font-medium max-md:hidden">
              {words.busiest}
            </th>
          </tr>
        </thead>
        <tbody className="divide-y border-t">
          {series.map((s, i) => {
            const most = Math.max(...s.counts);
            return (
              <tr key={s.key}>
                <th scope="row" className="py-1.5 text-left font-normal">
                  <span className={`mr-2 inline-block size-2.5 rounded-full ${dotOf(i)}`} />
                  {s.name}
                </th>
                <td className="tabular py-1.5 text-right">{number(sum(s.counts))}</td>
                <td className="tabular text-soft py-1.5 text-right max-md:hidden">
                  {words.countIn(number(most), nameOf(Date.parse(counts.starts[s.counts.indexOf(most)]!)))}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {counts.omitted > 0 && <p className="text-warn mt-2 text-[13px]">{words.omitted(counts.omitted)}</p>}
    </Card>
  );
}

function Lines({ counts, nameOf, zone }: Shown) {
  const lines = linesOf(counts.series, counts.starts.length);
  const columns = lines.flatMap((l) => {
    const name = words.shapeAt(l.name, l.cameraName ?? words.goneCamera);
    return [
      { name: `${name}: ${words.directions.in}`, counts: l.ins },
      { name: `${name}: ${words.directions.out}`, counts: l.outs },
    ];
  });
  const save = () => saveText("lines.csv", toCsv(counts, columns, words.begins), "text/csv");
  return (
    <div className="grid gap-4 xl:grid-cols-2">
      {lines.map((line, i) => (
        <Card
          key={`${line.cameraId}/${line.name}`}
          title={line.name}
          lead={`${line.cameraName ?? words.goneCamera} · ${zone}`}
          onSave={i === 0 ? save : null}
        >
          <LineTotals line={line} />
          <CountChart
            label={words.chartOf(line.name)}
            starts={counts.starts}
            series={[
              { key: "in", name: words.directions.in, counts: line.ins },
              { key: "out", name: words.directions.out, counts: line.outs },
            ]}
            nameOf={nameOf}
          />
        </Card>
      ))}
    </div>
  );
}

function LineTotals({ line }: { line: LineCount }) {
  return (
    <dl className="mb-4 grid grid-cols-3 gap-3">
      {[
        { name: words.directions.in, value: number(line.in), dot: dotOf(0) },
        { name: words.directions.out, value: number(line.out), dot: dotOf(1) },
        { name: words.difference, value: (line.difference > 0 ? "+" : "") + number(line.difference), dot: null },
      ].map(({ name, value, dot }) => (
        <div key={name}>
          <dt className="text-soft flex items-center gap-1.5 text-[13px]">
            {dot && <span className={`size-2.5 rounded-full ${dot}`} />}
            {name}
          </dt>
          <dd className="tabular text-xl font-semibold">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Card({
  title,
  lead,
  onSave,
  children,
}: {
  title: string;
  lead: string;
  onSave: (() => void) | null;
  children: React.ReactNode;
}) {
  return (
    <section aria-label={title} className="bg-panel rounded-lg border p-4">
      <header className="mb-4 flex items-start justify-between gap-4">
        <div className="min-w-0">
          <h2 className="truncate font-semibold">{title}</h2>
          <p className="text-soft tabular text-[13px]">{lead}</p>
        </div>
        {onSave && (
          <Button size="sm" className="max-md:h-11" onClick={onSave}>
            <Download /> {words.saveCsv}
          </Button>
        )}
      </header>
      {children}
    </section>
  );
}
