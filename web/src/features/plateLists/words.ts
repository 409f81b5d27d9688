import { catalogue } from "@/i18n/catalogue";

const names = (rules: readonly string[]) => rules.slice(0, 3).join(", ") + (rules.length > 3 ? " …" : "");

export const words = catalogue(
  {
    plateLists: "Lists of plates",
    lead: "Plates that rules ask for: residents, suppliers, unwanted. What happens when one is read, or one that is in no list, says the rule.",
    theLists: "the lists of plates",
    theList: "the list",
    add: "New list",
    newList: "New list",
    noneYet: "No lists yet",
    noneYetDetail:
      "Make one of the plates that may come in, or of those that nobody wants to see, and a rule that opens the gate or raises an alarm.",
    plates: (n: number, written: string) => `${written} ${n === 1 ? "plate" : "plates"}`,
    usedBy: (rules: readonly string[]) =>
      rules.length === 0 ? "No rule asks for it" : `${rules.length === 1 ? "Rule" : "Rules"}: ${names(rules)}`,
    delete: "Delete",
    deleteNamed: (name: string) => `Delete ${name}`,
    deleteWhat: (name: string) => `Delete the list ${name}?`,
    deleteDetail: (plates: string, rules: readonly string[]) =>
      `${plates} with their notes are lost.${rules.length === 0 ? "" : ` These rules find no plate in it any more: ${names(rules)}.`}`,
    back: "Back to the lists",
    export: "Save as CSV",
    fileName: "plates",
    saved: (name: string) => `${name} is saved`,
    name: "Name",
    nameHint: "By this name rules ask for it.",
    renameHint: "Rules ask for it by its old name: change them, too.",
    note: "Note",
    unsaved: "What you changed in this list is not saved.",
    conflict:
      "Somebody else has changed this list since you opened it. What you typed stays; save it once theirs is in here, too.",
    takeTheirs: "Take in what they changed",
    seekOrAdd: "Find a plate, or type a new one",
    addPlate: (plate: string) => (plate === "" ? "Add" : `Add ${plate}`),
    addMany: "Add many",
    wildcards:
      "Spaces, dashes and small letters do not matter. * stands for any characters, ? for any one: B-AB* is every plate that begins so.",
    noPlates: "No plates yet. Type one, or add many at once.",
    noSuchPlate: "No plate or note in this list has that in it. Enter adds a whole plate.",
    platesOfList: "Plates",
    noteOf: (plate: string) => `Note on ${plate}`,
    removePlate: (plate: string) => `Remove ${plate}`,
    showMoreOf: (rest: string) => `Show more (${rest} left)`,
    pasteLead:
      "A plate a line; behind a comma, semicolon or tab a note. Copied out of a spreadsheet it is that already.",
    pasteHere: "Plates to add",
    pasteExample: "B-AB 123; Smith\nM-XY *; Suppliers",
    orFile: "Or a file:",
    wouldAdd: (n: number, written: string, known: number) =>
      `${written} new ${n === 1 ? "plate" : "plates"}${known > 0 ? `, ${known} already in the list` : ""}.`,
    noPlateIn: (n: number, lines: string) => `${n === 1 ? "Line" : "Lines"} without a plate, left out: ${lines}`,
    tooMany: (most: string) => `A list holds at most ${most} plates.`,
    addThese: (n: number, written: string) => (n === 0 ? "Add" : `Add ${written} ${n === 1 ? "plate" : "plates"}`),
  },
  {
    plateLists: "Kennzeichenlisten",
    lead: "Kennzeichen, nach denen Regeln fragen: Bewohner, Lieferanten, Unerwünschte. Was geschieht, wenn eines davon gelesen wird oder eines, das in keiner Liste steht, sagt die Regel.",
    theLists: "die Kennzeichenlisten",
    theList: "die Liste",
    add: "Neue Liste",
    newList: "Neue Liste",
    noneYet: "Noch keine Listen",
    noneYetDetail:
      "Legen Sie eine mit den Kennzeichen an, die einfahren dürfen, oder mit denen, die niemand sehen will, und dazu eine Regel, die das Tor öffnet oder Alarm auslöst.",
    plates: (_, written) => `${written} Kennzeichen`,
    usedBy: (rules) =>
      rules.length === 0 ? "Keine Regel fragt danach" : `${rules.length === 1 ? "Regel" : "Regeln"}: ${names(rules)}`,
    delete: "Löschen",
    deleteNamed: (name) => `${name} löschen`,
    deleteWhat: (name) => `Die Liste ${name} löschen?`,
    deleteDetail: (plates, rules) =>
      `${plates} gehen mit ihren Notizen verloren.${rules.length === 0 ? "" : ` Diese Regeln finden darin kein Kennzeichen mehr: ${names(rules)}.`}`,
    back: "Zurück zu den Listen",
    export: "Als CSV speichern",
    fileName: "kennzeichen",
    saved: (name) => `${name} ist gespeichert`,
    name: "Name",
    nameHint: "Unter diesem Namen fragen Regeln danach.",
    renameHint: "Regeln fragen unter dem alten Namen danach: Ändern Sie auch sie.",
    note: "Notiz",
    unsaved: "Was Sie an dieser Liste geändert haben, ist nicht gespeichert.",
    conflict:
      "Jemand anderes hat diese Liste geändert, seit Sie sie geöffnet haben. Was Sie eingegeben haben, bleibt; speichern Sie es, sobald auch die anderen Änderungen hier stehen.",
    takeTheirs: "Die anderen Änderungen übernehmen",
    seekOrAdd: "Kennzeichen suchen oder neu eingeben",
    addPlate: (plate) => (plate === "" ? "Hinzufügen" : `${plate} hinzufügen`),
    addMany: "Viele hinzufügen",
    wildcards:
      "Leerzeichen, Striche und Kleinschreibung sind gleichgültig. * steht für beliebige Zeichen, ? für genau eines: B-AB* ist jedes Kennzeichen, das so beginnt.",
    noPlates: "Noch keine Kennzeichen. Geben Sie eines ein, oder fügen Sie viele auf einmal hinzu.",
    noSuchPlate: "Nichts in dieser Liste enthält das. Die Eingabetaste fügt ein ganzes Kennzeichen hinzu.",
    platesOfList: "Kennzeichen",
    noteOf: (plate) => `Notiz zu ${plate}`,
    removePlate: (plate) => `${plate} entfernen`,
    showMoreOf: (rest) => `Mehr anzeigen (noch ${rest})`,
    pasteLead:
      "Ein Kennzeichen je Zeile, hinter Komma, Strichpunkt oder Tabulator eine Notiz. Aus einer Tabelle kopiert stimmt das schon.",
    pasteHere: "Kennzeichen zum Hinzufügen",
    pasteExample: "B-AB 123; Schmidt\nM-XY *; Lieferanten",
    orFile: "Oder eine Datei:",
    wouldAdd: (_, written, known) => `${written} neue Kennzeichen${known > 0 ? `, ${known} schon in der Liste` : ""}.`,
    noPlateIn: (n, lines) => `${n === 1 ? "Zeile" : "Zeilen"} ohne Kennzeichen, ausgelassen: ${lines}`,
    tooMany: (most) => `Eine Liste fasst höchstens ${most} Kennzeichen.`,
    addThese: (n, written) => (n === 0 ? "Hinzufügen" : `${written} Kennzeichen hinzufügen`),
  },
);
