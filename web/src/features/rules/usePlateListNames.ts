import { useQuery } from "@tanstack/react-query";
import { api } from "@/api/client";
import { useMay } from "@/api/useMe";

/** What lists of plates are called; none for whoever may not see them. */
export function usePlateListNames(): string[] {
  const may = useMay();
  return (
    useQuery({
      queryKey: ["plate-lists", "names"],
      queryFn: async ({ signal }) => (await api.get("/api/plate-lists", { signal })).items.map(({ name }) => name),
      enabled: may("plates.write"),
    }).data ?? []
  );
}
