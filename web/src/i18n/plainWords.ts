/** A name that this client is too old to know, in its own words: "storageMoved" → "Storage moved". */
export function plainWords(name: string): string {
  const plain = name
    .replace(/[._-]+/g, " ")
    .replace(/([a-z\d])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .trim();
  return plain.charAt(0).toUpperCase() + plain.slice(1);
}
