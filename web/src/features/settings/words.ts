import { catalogue } from "@/i18n/catalogue";

export const words = catalogue(
  {
    settings: "Settings",
    account: "Account & appearance",
    signedInAs: (name: string) => `Signed in as ${name}`,
    signOut: "Sign out",
    signOutHint: "Ends the sign-in of this browser. Others stay signed in.",
    language: "Language",
    languageHint: "Of every word, date and number in this browser.",
    appearance: "Appearance",
    appearanceHint: "Live pictures and playback stay dark: a bright page beside a night picture blinds.",
    themes: { system: "As the system", light: "Light", dark: "Dark" },
  },
  {
    settings: "Einstellungen",
    account: "Konto & Darstellung",
    signedInAs: (name) => `Angemeldet als ${name}`,
    signOut: "Abmelden",
    signOutHint: "Beendet die Anmeldung in diesem Browser. Andere bleiben angemeldet.",
    language: "Sprache",
    languageHint: "Für alle Texte, Zeiten und Zahlen in diesem Browser.",
    appearance: "Darstellung",
    appearanceHint: "Livebilder und Wiedergabe bleiben dunkel: Eine helle Seite neben einem Nachtbild blendet.",
    themes: { system: "Wie das System", light: "Hell", dark: "Dunkel" },
  },
);
