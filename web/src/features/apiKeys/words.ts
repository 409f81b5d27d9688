import { catalogue } from "@/i18n/catalogue";

export const words = catalogue(
  {
    apiKeys: "API keys",
    lead: "For programs: a key for each, with no more rights than it needs. What a key may is decided as for people.",
    theApiKeys: "the API keys",
    add: "Make a key",
    noneYet: "No API keys yet",
    noneYetDetail:
      "A program that reads events, adds cameras or fetches recordings signs in with a key of its own, not with a person's password.",
    name: "What it is for",
    namePlaceholder: "Access control, Home Assistant, backup script",
    expires: "Good until",
    lifetimes: { "30": "30 days", "90": "90 days", "365": "A year", never: "It is revoked", date: "A day" },
    until: "Last day",
    neverHint: "A key without an end is forgotten where it lies. Choose one, and make another in time.",
    shownTitle: (name: string) => `The key of ${name}`,
    shownDetail: "It is shown this once: put it into the program now. Whoever has it may do what the key may.",
    header: (key: string) => `Authorization: Bearer ${key}…`,
    howToUse: "Send it as the header:",
    done: "It is in its place",
    revoke: "Revoke",
    revokeWhat: (name: string) => `Revoke ${name}?`,
    revokeDetail: (lastUsed: string | null) =>
      lastUsed
        ? `The program that has it is refused at once. It was used last: ${lastUsed}.`
        : "It was never used. A program that has it is refused at once.",
    revokeAct: "Revoke key",
    used: "Last used",
    neverUsed: "Never used",
    madeBy: (name: string) => `by ${name}`,
    endsAt: "Ends",
    noEnd: "No end",
    expired: "Expired",
  },
  {
    apiKeys: "API-Schlüssel",
    lead: "Für Programme: je einen Schlüssel mit nicht mehr Rechten, als es braucht. Was er darf, wird entschieden wie bei Personen.",
    theApiKeys: "die API-Schlüssel",
    add: "Schlüssel anlegen",
    noneYet: "Noch keine API-Schlüssel",
    noneYetDetail:
      "Ein Programm, das Ereignisse liest, Kameras hinzufügt oder Aufzeichnungen holt, meldet sich mit einem eigenen Schlüssel an, nicht mit dem Passwort einer Person.",
    name: "Wofür er ist",
    namePlaceholder: "Zutrittskontrolle, Home Assistant, Sicherung",
    expires: "Gültig",
    lifetimes: {
      "30": "30 Tage",
      "90": "90 Tage",
      "365": "Ein Jahr",
      never: "Bis er widerrufen wird",
      date: "Bis zu einem Tag",
    },
    until: "Letzter Tag",
    neverHint:
      "Ein Schlüssel ohne Ende wird vergessen, wo er liegt. Wählen Sie eines, und legen Sie rechtzeitig einen neuen an.",
    shownTitle: (name) => `Der Schlüssel von ${name}`,
    shownDetail:
      "Er wird nur jetzt gezeigt: Tragen Sie ihn gleich in das Programm ein. Wer ihn hat, darf, was der Schlüssel darf.",
    header: (key) => `Authorization: Bearer ${key}…`,
    howToUse: "Als Kopfzeile senden:",
    done: "Er ist an seinem Platz",
    revoke: "Widerrufen",
    revokeWhat: (name) => `${name} widerrufen?`,
    revokeDetail: (lastUsed) =>
      lastUsed
        ? `Das Programm, das ihn hat, wird sofort abgewiesen. Zuletzt benutzt: ${lastUsed}.`
        : "Er wurde nie benutzt. Ein Programm, das ihn hat, wird sofort abgewiesen.",
    revokeAct: "Schlüssel widerrufen",
    used: "Zuletzt benutzt",
    neverUsed: "Nie benutzt",
    madeBy: (name) => `von ${name}`,
    endsAt: "Endet",
    noEnd: "Kein Ende",
    expired: "Abgelaufen",
  },
);
