import { catalogue } from "@/i18n/catalogue";

export const words = catalogue(
  {
    tenants: "Tenants",
    lead: "Separate customers or companies on this installation. Each has its own people, sites and cameras, and sees nothing of the others; neither do you of them.",
    theTenants: "The tenants",
    add: "Add tenant",
    limits: "Name and limits",
    delete: "Delete",
    actionsOf: (name: string) => `Actions for ${name}`,
    own: "the installation's own",
    counts: (sites: number, cameras: number, accounts: number) =>
      `${sites === 1 ? "1 site" : `${sites} sites`} · ${cameras === 1 ? "1 camera" : `${cameras} cameras`} · ${accounts === 1 ? "1 account" : `${accounts} accounts`}`,
    name: "Name",
    id: "Short name",
    idHint: "2 to 24 lower-case letters, digits and dashes. Stands in the ids of its sites, and cannot be changed.",
    administrator: "First administrator",
    administratorHint: "Signs in here like everybody else, and adds the tenant's people and cameras.",
    username: "User name",
    password: "Password",
    passwordHint: "At least 10 characters. Hand it over yourself; it is not shown again.",
    deleteTitle: (name: string) => `Delete ${name}?`,
    deleteDetail:
      "Its accounts cannot sign in any more, at once. Recordings that remain are kept until their time is over.",
    deleteNotEmpty: (cameras: number) =>
      `It has ${cameras === 1 ? "1 camera" : `${cameras} cameras`}: its own administrator has to delete them first.`,
    deleteAct: "Delete tenant",
  },
  {
    tenants: "Mandanten",
    lead: "Getrennte Kunden oder Firmen auf dieser Anlage. Jeder hat eigene Personen, Standorte und Kameras und sieht nichts von den anderen; auch Sie sehen nichts von ihm.",
    theTenants: "Die Mandanten",
    add: "Mandant hinzufügen",
    limits: "Name und Grenzen",
    delete: "Löschen",
    actionsOf: (name) => `Aktionen für ${name}`,
    own: "der der Anlage selbst",
    counts: (sites, cameras, accounts) =>
      `${sites === 1 ? "1 Standort" : `${sites} Standorte`} · ${cameras === 1 ? "1 Kamera" : `${cameras} Kameras`} · ${accounts === 1 ? "1 Konto" : `${accounts} Konten`}`,
    name: "Name",
    id: "Kurzname",
    idHint: "2 bis 24 Kleinbuchstaben, Ziffern und Bindestriche. Steht in den Kennungen seiner Standorte und bleibt.",
    administrator: "Erster Administrator",
    administratorHint: "Meldet sich hier an wie alle anderen und legt Personen und Kameras des Mandanten an.",
    username: "Benutzername",
    password: "Passwort",
    passwordHint: "Mindestens 10 Zeichen. Übergeben Sie es selbst; es wird nicht wieder angezeigt.",
    deleteTitle: (name) => `${name} löschen?`,
    deleteDetail:
      "Seine Konten können sich ab sofort nicht mehr anmelden. Verbleibende Aufzeichnungen werden aufbewahrt, bis ihre Zeit um ist.",
    deleteNotEmpty: (cameras) =>
      `Er hat ${cameras === 1 ? "1 Kamera" : `${cameras} Kameras`}: Sein eigener Administrator muss sie zuerst löschen.`,
    deleteAct: "Mandant löschen",
  },
);
