/** Where the tiles of a page stand, as the server keeps it. */

export interface Spot {
  id: string;
  x: number;
  y: number;
  w: number;
  h: number;
  shown: boolean;
}

/** What the grid says of itself, for the server: the shown ones where they stand, the hidden ones with their size. */
export function layoutOf(
  nodes: Array<{ id?: string; x?: number; y?: number; w?: number; h?: number }>,
  hidden: Map<string, { w: number; h: number }>,
): Spot[] {
  const shown = nodes.flatMap(({ id, x = 0, y = 0, w = 1, h = 1 }) => (id ? [{ id, x, y, w, h, shown: true }] : []));
  shown.sort((one, other) => one.y - other.y || one.x - other.x);
  return [...shown, ...[...hidden].map(([id, size]) => ({ id, x: 0, y: 0, ...size, shown: false }))];
}
