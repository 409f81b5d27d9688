import { catalogue } from "@/i18n/catalogue";

export const words = catalogue(
  {
    steps: { administrator: "Administrator", storage: "Storage", cameras: "Cameras", recording: "Recording" },
    title: "Set up this system",
    lead: "Four short steps, then live video.",
    progress: "Progress",
    done: "done",
    noToken:
      "Open the set-up link that the server printed at its first start. It holds a one-time token and works once. Already set up?",
    signIn: "Sign in",
    next: "Next",
    back: "Back",
    later: "Finish later",
    continueSetUp: "Continue the set-up",
    administrator: "Your account",
    administratorDetail: "It may do everything. Colleagues get accounts of their own later.",
    passwordsDiffer: "The two passwords differ.",
    userName: "User name",
    password: "Password",
    passwordHint: "At least 10 characters. A short sentence is easy to keep in mind.",
    passwordAgain: "Password again",
    creating: "Creating…",
    createAdministrator: "Create administrator",
    storage: "Where recordings go",
    storageDetail: "When the room is used up, the oldest recordings go first. Nothing has to be set here.",
    theStorage: "the storage",
    storageStarting: "The recorder is starting; its disks appear here in a moment.",
    mainDisk: "This server",
    free: (free: string, all: string) => `${all} for recordings, ${free} free on the disk`,
    holds: "Recording all the time, this holds about",
    howMany: "Cameras",
    quality: "Picture",
    qualities: { hd: "HD (2 Mbit/s)", fullHd: "Full HD (4 Mbit/s)", ultraHd: "4K (12 Mbit/s)" },
    holdsHint: "An estimate; once cameras are there, Health shows what it is at their real bitrates.",
    moreDisks: "Further disks are added on the server (storage pools), at any time.",
    cameras: "Find cameras",
    camerasDetail:
      "Cameras that speak ONVIF answer within seconds. Choose those that are yours, and type their password once.",
    theSearch: "the search for cameras",
    theSetUp: "the set-up",
    byStream: "By its stream address",
    withoutCameras: "Go on without cameras",
    cameraCount: (n: number) => (n === 1 ? "1 camera is there" : `${n} cameras are there`),
    adding: (n: number) => `Adding cameras… ${n} there so far`,
    recording: "What is recorded",
    recordingDetail: (n: number) => (n === 1 ? "For your camera." : `For your ${n} cameras.`),
    recordingOfNew: (n: number) =>
      n === 0
        ? "No camera was added just now."
        : n === 1
          ? "For the camera that you have just added."
          : `For the ${n} cameras that you have just added.`,
    alsoEarlier: (n: number) =>
      n === 1 ? "Also for the camera that was there before" : `Also for the ${n} cameras that were there before`,
    alsoEarlierHint: "Replaces what they record now, with their schedules. Otherwise they stay as they are.",
    recordingHint: "Each camera can have its own, with a schedule for the week: Cameras, Edit.",
    keepsAbout: (length: string) => `Keeps about ${length}.`,
    choices: {
      always: { title: "Always", detail: "All that the cameras send. Nothing is missed." },
      motion: {
        title: "On motion",
        detail:
          "While a camera reports motion, with 10 s before and 20 s after. Keeps longer; the camera has to report it.",
      },
      workingHours: {
        title: "Working hours, else motion",
        detail: "Monday to Friday, 8:00 to 18:00, all; at other times while there is motion.",
      },
      nothing: { title: "Nothing yet", detail: "Live video only. Recording can be started by hand." },
    },
    finish: "Finish and watch live",
    finishing: "One moment…",
    finishAnyway: "Finish anyway",
  },
  {
    steps: { administrator: "Administrator", storage: "Speicher", cameras: "Kameras", recording: "Aufzeichnung" },
    title: "Anlage einrichten",
    lead: "Vier kurze Schritte, dann sehen Sie Livebilder.",
    progress: "Fortschritt",
    done: "erledigt",
    noToken:
      "Öffnen Sie den Einrichtungslink, den der Server bei seinem ersten Start ausgegeben hat. Er gilt nur einmal. Schon eingerichtet?",
    signIn: "Anmelden",
    next: "Weiter",
    back: "Zurück",
    later: "Später fertigstellen",
    continueSetUp: "Einrichtung fortsetzen",
    administrator: "Ihr Konto",
    administratorDetail: "Es darf alles. Kollegen bekommen später eigene Konten.",
    passwordsDiffer: "Die beiden Passwörter sind verschieden.",
    userName: "Benutzername",
    password: "Passwort",
    passwordHint: "Mindestens 10 Zeichen. Ein kurzer Satz lässt sich gut merken.",
    passwordAgain: "Passwort wiederholen",
    creating: "Wird angelegt …",
    createAdministrator: "Administrator anlegen",
    storage: "Wohin aufgezeichnet wird",
    storageDetail:
      "Ist der Platz aufgebraucht, gehen die ältesten Aufzeichnungen zuerst. Hier muss nichts eingestellt werden.",
    theStorage: "der Speicher",
    storageStarting: "Der Rekorder startet; seine Datenträger erscheinen hier gleich.",
    mainDisk: "Dieser Server",
    free: (free, all) => `${all} für Aufzeichnungen, ${free} frei auf dem Datenträger`,
    holds: "Bei durchgehender Aufzeichnung reicht das für etwa",
    howMany: "Kameras",
    quality: "Bild",
    qualities: { hd: "HD (2 Mbit/s)", fullHd: "Full HD (4 Mbit/s)", ultraHd: "4K (12 Mbit/s)" },
    holdsHint: "Eine Schätzung; sind Kameras da, zeigt „Zustand“, wie es bei ihren wirklichen Bitraten ist.",
    moreDisks: "Weitere Datenträger werden auf dem Server hinzugefügt (Speicherpools), jederzeit.",
    cameras: "Kameras finden",
    camerasDetail:
      "Kameras, die ONVIF sprechen, antworten nach wenigen Sekunden. Wählen Sie Ihre aus, und geben Sie das Passwort einmal ein.",
    theSearch: "die Suche nach Kameras",
    theSetUp: "die Einrichtung",
    byStream: "Über die Streamadresse",
    withoutCameras: "Ohne Kameras weiter",
    cameraCount: (n) => (n === 1 ? "1 Kamera ist da" : `${n} Kameras sind da`),
    adding: (n) => `Kameras werden hinzugefügt … ${n} bisher da`,
    recording: "Was aufgezeichnet wird",
    recordingDetail: (n) => (n === 1 ? "Für Ihre Kamera." : `Für Ihre ${n} Kameras.`),
    recordingOfNew: (n) =>
      n === 0
        ? "Gerade wurde keine Kamera hinzugefügt."
        : n === 1
          ? "Für die Kamera, die Sie gerade hinzugefügt haben."
          : `Für die ${n} Kameras, die Sie gerade hinzugefügt haben.`,
    alsoEarlier: (n) =>
      n === 1 ? "Auch für die Kamera, die schon da war" : `Auch für die ${n} Kameras, die schon da waren`,
    alsoEarlierHint: "Ersetzt, was sie jetzt aufzeichnen, samt Zeitplänen. Sonst bleiben sie, wie sie sind.",
    recordingHint: "Jede Kamera kann ihre eigene Einstellung haben, mit einem Wochenplan: Kameras, Bearbeiten.",
    keepsAbout: (length) => `Reicht für etwa ${length}.`,
    choices: {
      always: { title: "Immer", detail: "Alles, was die Kameras senden. Nichts wird verpasst." },
      motion: {
        title: "Bei Bewegung",
        detail:
          "Solange eine Kamera Bewegung meldet, mit 10 s davor und 20 s danach. Reicht länger; die Kamera muss sie melden.",
      },
      workingHours: {
        title: "Arbeitszeit, sonst Bewegung",
        detail: "Montag bis Freitag von 8:00 bis 18:00 alles; sonst, solange sich etwas bewegt.",
      },
      nothing: { title: "Noch nichts", detail: "Nur Livebilder. Aufzeichnen lässt sich von Hand starten." },
    },
    finish: "Fertig, Livebilder ansehen",
    finishing: "Einen Moment …",
    finishAnyway: "Trotzdem fertig",
  },
);
