import { catalogue } from "@/i18n/catalogue";

export const words = catalogue(
  {
    notifications: "Notifications",
    unseen: (n: number) => `Notifications, ${n} new`,
    lead: "What you were told last. This browser keeps it for a week.",
    soundsHere: "Sounds in this window",
    settings: "Settings",
    clear: "Clear",
    none: "Nothing was told to you yet",
    noneDetail: "When a rule notifies you, it is listed here.",
    isNew: "New",
    show: "Show",
    testText: "This is a test.",
    /** Of titles, as the server writes them. */
    beginnings: { "Not acknowledged: ": "Not acknowledged: " },
    notHeard: (rule: string) => `${rule}: a sound could not be played`,
    notHeardDetail: "This browser keeps a page silent until somebody clicks in it.",
    letSound: "Play sounds",
  },
  {
    notifications: "Benachrichtigungen",
    unseen: (n) => `Benachrichtigungen, ${n} neu`,
    lead: "Was Ihnen zuletzt gemeldet wurde. Dieser Browser bewahrt es eine Woche lang auf.",
    soundsHere: "Töne in diesem Fenster",
    settings: "Einstellungen",
    clear: "Liste leeren",
    none: "Ihnen wurde noch nichts gemeldet",
    noneDetail: "Wenn eine Regel Sie benachrichtigt, steht es hier.",
    isNew: "Neu",
    show: "Anzeigen",
    testText: "Dies ist ein Test.",
    beginnings: { "Not acknowledged: ": "Nicht quittiert: " },
    notHeard: (rule) => `${rule}: Ein Ton ließ sich nicht abspielen`,
    notHeardDetail: "Dieser Browser lässt eine Seite erst klingen, wenn jemand in ihr geklickt hat.",
    letSound: "Töne abspielen",
  },
);
