import { useModels, type Model } from "@/api/analytics";
import { Skeleton } from "@/components/States";
import { SelectField, TextField } from "@/components/ui/Field";
import { classWords } from "@/tracks/classWords";
import type { Draft } from "./draft";
import { words } from "./words";

/** Whatever the server holds to be the best one. */
const ofServer = "default";
/** Classes that are named; a model may know hundreds. */
const named = 6;

/** The model that finds objects: one of those that the server has, or its name where the server does not say which they are. */
export function ModelField({
  model,
  disabled,
  onChange,
}: {
  model: string;
  disabled: boolean;
  onChange: (change: Pick<Draft, "model">, what: string | null) => void;
}) {
  const models = useModels();
  if (models.isPending) return <Skeleton className="h-16" />;
  if (!models.data)
    return (
      <TextField
        label={words.model}
        hint={words.modelHint}
        value={model}
        maxLength={64}
        disabled={disabled}
        onChange={(e) => onChange({ model: e.target.value }, "model")}
      />
    );
  const { default: standard, problem, models: all } = models.data;
  // Another one reads number plates beside one of these.
  const offered = all.filter((m) => m.findsObjects);
  const chosen = offered.find((m) => m.name === (model === ofServer ? standard : model));
  return (
    <SelectField
      label={words.model}
      hint={
        <>
          {problem ? words.modelsRunOnNothing(problem) : chosen ? aboutModel(chosen) : words.modelNotThere}
          {chosen?.licence && <span className="block">{words.modelLicence(chosen.licence)}</span>}
        </>
      }
      value={model}
      disabled={disabled}
      onChange={(e) => onChange({ model: e.target.value }, null)}
    >
      <option value={ofServer}>{standard ? words.modelOfServer(standard) : words.modelOfServerUnknown}</option>
      {offered.map(({ name, shipped }) => (
        <option key={name} value={name}>
          {shipped ? name : words.modelOfOwn(name)}
        </option>
      ))}
      {model !== ofServer && !offered.some((m) => m.name === model) && (
        <option value={model}>{words.modelMissing(model)}</option>
      )}
    </SelectField>
  );
}

/** What it finds and how finely it looks, or why it does not work. */
function aboutModel({ state, problem, classes, width, height }: Model): string {
  if (state === "failed") return words.modelFailed(problem ?? "");
  const known = classes.slice(0, named).map(classWords).join(", ");
  return [
    classes.length > 0 && words.modelFinds(known, classes.length - named),
    width !== null && height !== null && words.modelInput(width, height),
  ]
    .filter(Boolean)
    .join(" ");
}
