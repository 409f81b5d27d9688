/** A small line of how a figure went, the newest on the right; nothing while there are not two of it. */
export function Sparkline({ values, title }: { values: readonly number[]; title: string }) {
  if (values.length < 2) return <span className="inline-block w-16" />;
  const top = Math.max(...values, 1);
  const points = values.map((v, i) => `${(i / (values.length - 1)) * 64},${15 - (v / top) * 14}`).join(" ");
  return (
    <svg viewBox="0 0 64 16" className="text-soft inline-block h-4 w-16" role="img" aria-label={title}>
      <title>{title}</title>
      <polyline
        points={points}
        fill="none"
        stroke="currentColor"
        strokeWidth="1.25"
        vectorEffect="non-scaling-stroke"
      />
    </svg>
  );
}
