import type { Picture } from "./Picture";
import type { RecordedGroup } from "./RecordedGroup";

/** The decoded pictures of one tile, bounded in bytes. Owns them: what is taken from it may be closed by the next `add`. */
export class PictureShelf {
  #pictures = new Map<RecordedGroup, Map<number, Picture>>();
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  get(group: RecordedGroup, index: number): Picture | null {
    return this.#pictures.get(group)?.get(index) ?? null;
  }

  /**
   * @param mostBytes Then what is furthest from `aroundUs` is closed, twice as readily behind the direction of play.
   */
  add(
    group: RecordedGroup,
    index: number,
    picture: Picture,
    mostBytes: number,
    aroundUs: number,
    direction: 1 | -1,
  ): void {
    let ofGroup = this.#pictures.get(group);
    if (!ofGroup) this.#pictures.set(group, (ofGroup = new Map()));
    this.#close(ofGroup.get(index));
    ofGroup.set(index, picture);
    this.#bytes += picture.bytes;
    while (this.#bytes > mostBytes && this.#dropFurthest(aroundUs, direction));
  }

  drop(group: RecordedGroup): void {
    this.#pictures.get(group)?.forEach((picture) => this.#close(picture));
    this.#pictures.delete(group);
  }

  clear(): void {
    for (const group of [...this.#pictures.keys()]) this.drop(group);
  }

  #dropFurthest(aroundUs: number, direction: 1 | -1): boolean {
    let furthest: { group: RecordedGroup; index: number; distance: number } | null = null;
    for (const [group, pictures] of this.#pictures)
      for (const index of pictures.keys()) {
        const ahead = (group.timesUs[index]! - aroundUs) * direction;
        const distance = ahead < 0 ? -2 * ahead : ahead;
        if (!furthest || distance > furthest.distance) furthest = { group, index, distance };
      }
    if (!furthest) return false;
    const pictures = this.#pictures.get(furthest.group)!;
    this.#close(pictures.get(furthest.index));
    pictures.delete(furthest.index);
    if (pictures.size === 0) this.#pictures.delete(furthest.group);
    return true;
  }

  #close(picture: Picture | undefined): void {
    if (!picture) return;
    this.#bytes -= picture.bytes;
    picture.close();
  }
}
