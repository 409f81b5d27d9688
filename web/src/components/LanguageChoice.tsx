import { chooseLanguage, chosenLanguage, languages, preferred, type Language } from "@/i18n/language";
import { words } from "./words";

/** Each in its own words: whoever cannot read the page finds it all the same. */
const names: Record<Language, string> = { en: "English", de: "Deutsch" };

export function LanguageChoice({ className }: { className?: string }) {
  const chosen = chosenLanguage();
  return (
    <select
      aria-label={words.language}
      value={chosen ?? ""}
      onChange={(e) => chooseLanguage(languages.find((l) => l === e.target.value) ?? null)}
      className={className ?? "bg-ground hover:border-faint h-9 rounded-md border px-3 text-[13px] max-md:h-11"}
    >
      <option value="">{words.browserLanguage(names[preferred(navigator.languages)])}</option>
      {languages.map((language) => (
        <option key={language} value={language}>
          {names[language]}
        </option>
      ))}
    </select>
  );
}
