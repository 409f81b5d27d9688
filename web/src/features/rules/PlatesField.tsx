import { SelectField, TextField } from "@/components/ui/Field";
import { usePlateListNames } from "./usePlateListNames";
import { words } from "./words";

const listPrefix = "list:";

/** A plate as it is written, with stars, or a list of them: in it, or not in it. */
export function PlatesField({
  plates,
  onChange,
  error,
}: {
  plates: string;
  onChange: (plates: string) => void;
  error: string | undefined;
}) {
  const lists = usePlateListNames();
  const not = plates.startsWith("!");
  const wanted = not ? plates.slice(1) : plates;
  const isList = wanted.toLowerCase().startsWith(listPrefix);
  const name = isList ? wanted.slice(listPrefix.length) : wanted;
  const say = (isOther: boolean, ofList: boolean, text: string) =>
    onChange(`${isOther ? "!" : ""}${ofList ? listPrefix : ""}${text}`);
  const how = isList ? (not ? "notInList" : "inList") : not ? "isNot" : "is";
  return (
    <div className="grid gap-3 sm:grid-cols-2">
      <SelectField
        label={words.conditions.plates}
        value={how}
        onChange={(e) => {
          const ofList = e.target.value === "inList" || e.target.value === "notInList";
          say(
            e.target.value === "isNot" || e.target.value === "notInList",
            ofList,
            ofList === isList ? name : ofList ? (lists[0] ?? "") : "",
          );
        }}
      >
        {(["is", "isNot", "inList", "notInList"] as const).map((choice) => (
          <option key={choice} value={choice}>
            {words.plateChoices[choice]}
          </option>
        ))}
      </SelectField>
      {isList ? (
        <SelectField
          label={words.plateList}
          value={name}
          hint={lists.length === 0 ? words.noPlateLists : undefined}
          error={error}
          onChange={(e) => say(not, true, e.target.value)}
        >
          <option value="">{words.choose}</option>
          {[...new Set([...lists, ...(name ? [name] : [])])].map((list) => (
            <option key={list}>{list}</option>
          ))}
        </SelectField>
      ) : (
        <TextField
          label={words.plate}
          placeholder={words.platePlaceholder}
          hint={words.plateHint}
          value={name}
          maxLength={64}
          onChange={(e) => say(not, false, e.target.value)}
          error={error}
        />
      )}
    </div>
  );
}
