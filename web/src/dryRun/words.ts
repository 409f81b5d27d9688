import { catalogue } from "@/i18n/catalogue";

export const words = catalogue(
  {
    chart: (all: string, when: string, most: string) => `${all} in all, most of them ${when}: ${most}`,
    bar: (when: string, n: string) => `${when}: ${n}`,
    mostAtOnce: (n: string) => `at most ${n}`,
  },
  {
    chart: (all, when, most) => `Insgesamt ${all}, die meisten ${when}: ${most}`,
    bar: (when, n) => `${when}: ${n}`,
    mostAtOnce: (n) => `höchstens ${n}`,
  },
);
