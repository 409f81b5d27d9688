import { catalogue } from "@/i18n/catalogue";

export const words = catalogue(
  {
    unreachable: "The server does not answer",
    unreachableDetail: "It may be restarting; this page tries again by itself.",
    answered: (status: number) => `The server answered ${status}`,
    pleaseSignIn: "Please sign in",
    startedFromLive: "Started from the live view",
  },
  {
    unreachable: "Der Server antwortet nicht",
    unreachableDetail: "Vielleicht startet er gerade neu; diese Seite versucht es von selbst noch einmal.",
    answered: (status) => `Der Server hat mit ${status} geantwortet`,
    pleaseSignIn: "Bitte melden Sie sich an",
    startedFromLive: "In der Liveansicht gestartet",
  },
);
