/** Without those that are mistaken for another when they are read out: 0 O, 1 l I. */
const letters = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/** A password that nobody has thought of: four groups of four, about 93 bits; more where it has to be longer. */
export function makePassword(minLength = 0): string {
  const groups: string[] = [];
  while (groups.length < 4 || groups.join("-").length < minLength) {
    let group = "";
    while (group.length < 4) {
      const [byte] = crypto.getRandomValues(new Uint8Array(1));
      // Bytes beyond the last whole run of the letters would make the first ones likelier.
      if (byte! < 256 - (256 % letters.length)) group += letters[byte! % letters.length];
    }
    groups.push(group);
  }
  return groups.join("-");
}
