/** What the classes of models are to an operator. */
export const kinds = ["person", "vehicle", "animal", "thing"] as const;
export type Kind = (typeof kinds)[number];

const vehicles = new Set(["vehicle", "car", "truck", "bus", "motorcycle", "bicycle", "van", "train"]);
const animals = new Set(
  "animal bird cat dog horse sheep cow elephant bear zebra giraffe deer fox".split(" "), // as the server has them
);

export function kindOf(className: string): Kind {
  if (className === "person") return "person";
  return vehicles.has(className) ? "vehicle" : animals.has(className) ? "animal" : "thing";
}
