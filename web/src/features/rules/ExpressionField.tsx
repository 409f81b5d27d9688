import { useId } from "react";
import { words } from "./words";

const fields = [
  "type",
  "cameraId",
  "cameraName",
  "siteId",
  "siteName",
  "source",
  "class",
  "confidence",
  "zone",
  "line",
  "plate",
  "data.direction",
  "data.count",
];

const example = "data.direction == 'in' and confidence > 0.9";

/** For what no other condition says: a comparison of the event's fields. */
export function ExpressionField({
  expression,
  onChange,
  error,
}: {
  expression: string;
  onChange: (expression: string) => void;
  error: string | undefined;
}) {
  const id = useId();
  return (
    <div className="space-y-1.5">
      <label htmlFor={id} className="text-soft block text-[13px] font-medium">
        {words.conditions.expression}
      </label>
      <textarea
        id={id}
        rows={2}
        spellCheck={false}
        autoCapitalize="off"
        maxLength={500}
        placeholder={example}
        value={expression}
        onChange={(e) => onChange(e.target.value)}
        aria-invalid={error ? true : undefined}
        aria-describedby={`${id}-note`}
        className="bg-ground placeholder:text-faint hover:border-faint aria-invalid:border-alarm w-full rounded-md border px-3 py-2 font-mono text-[13px]"
      />
      {error ? (
        <p id={`${id}-note`} role="alert" className="text-alarm text-[13px]">
          {error}
        </p>
      ) : (
        <p id={`${id}-note`} className="text-faint text-[13px]">
          {words.expressionHint}
        </p>
      )}
      <details className="text-[13px]">
        <summary className="text-soft hover:text-text cursor-pointer py-1 max-md:py-3">{words.expressionHelp}</summary>
        <div className="bg-ground mt-1 space-y-2 rounded-md border p-3">
          <p className="text-soft">{words.expressionFields}</p>
          <ul className="flex flex-wrap gap-1">
            {fields.map((name) => (
              <li key={name}>
                <button
                  type="button"
                  title={words.insert(name)}
                  onClick={() => onChange(expression.trim() ? `${expression.trimEnd()} ${name}` : name)}
                  className="bg-raised hover:bg-line rounded border px-1.5 py-0.5 font-mono max-md:min-h-11 max-md:px-2.5"
                >
                  {name}
                </button>
              </li>
            ))}
          </ul>
          <p className="text-soft text-pretty">{words.expressionOperators}</p>
        </div>
      </details>
    </div>
  );
}
