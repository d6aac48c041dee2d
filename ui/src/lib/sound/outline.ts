const half = (peak: number): number => 2 + 44 * Math.sqrt(Math.min(255, peak) / 255);

/**
 * The outline of a track as the path of a drawing, `parts` wide and 100 high. Quiet is made larger,
 * as ears do, and silence stays a thin line: a track that says nothing is seen to be there.
 */
export function outline(peaks: readonly number[], parts: number): string {
  if (peaks.length === 0) return '';
  const step = parts / peaks.length;
  const above: string[] = [];
  const below: string[] = [];
  peaks.forEach((peak, i) => {
    const [from, to] = [(i * step).toFixed(1), ((i + 1) * step).toFixed(1)];
    const [top, bottom] = [(50 - half(peak)).toFixed(1), (50 + half(peak)).toFixed(1)];
    above.push(`${from} ${top} ${to} ${top}`);
    below.unshift(`${to} ${bottom} ${from} ${bottom}`);
  });
  return `M${above.join(' ')} ${below.join(' ')}Z`;
}
