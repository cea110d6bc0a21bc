// Where the tiles go. Tiles are placed by numbers, not by moving them between containers, so that
// no <video> is ever torn down because somebody else began to speak.

export interface Box {
  x: number;
  y: number;
  w: number;
  h: number;
}

export interface Layout {
  boxes: Box[];
  /** Height of the whole, larger than the stage when it has to scroll. */
  height: number;
}

export const GAP = 8;
const SMALLEST = 140;
const WIDEST_RATIO = 16 / 9;
const TALLEST_RATIO = 1;

function shape(w: number, h: number): { w: number; h: number } {
  if (w / h > WIDEST_RATIO) return { w: h * WIDEST_RATIO, h };
  if (w / h < TALLEST_RATIO) return { w, h: w / TALLEST_RATIO };
  return { w, h };
}

function cells(count: number, columns: number, tile: { w: number; h: number }, area: Box): Layout {
  const rows = Math.ceil(count / columns);
  const needed = rows * tile.h + (rows - 1) * GAP;
  const top = area.y + Math.max(0, (area.h - needed) / 2);
  const boxes: Box[] = [];
  for (let index = 0; index < count; index++) {
    const row = Math.floor(index / columns);
    const inRow = Math.min(columns, count - row * columns);
    const used = inRow * tile.w + (inRow - 1) * GAP;
    const left = area.x + (area.w - used) / 2;
    boxes.push({ x: left + (index % columns) * (tile.w + GAP), y: top + row * (tile.h + GAP), ...tile });
  }
  return { boxes, height: Math.max(area.y + area.h, top + needed) };
}

function fill(count: number, area: Box): Layout {
  if (count === 0) return { boxes: [], height: area.y + area.h };
  let best: { columns: number; w: number; h: number } | null = null;
  for (let columns = 1; columns <= count; columns++) {
    const rows = Math.ceil(count / columns);
    const tile = shape((area.w - GAP * (columns - 1)) / columns, (area.h - GAP * (rows - 1)) / rows);
    if (tile.w > 0 && tile.h > 0 && (!best || tile.w * tile.h > best.w * best.h)) best = { columns, ...tile };
  }
  if (best && (best.w >= SMALLEST || count === 1)) return cells(count, best.columns, best, area);
  const columns = Math.max(1, Math.floor((area.w + GAP) / (SMALLEST + GAP)));
  const w = (area.w - GAP * (columns - 1)) / columns;
  return cells(count, columns, { w, h: w * 0.75 }, area);
}

export function gridLayout(count: number, width: number, height: number): Layout {
  return fill(count, { x: 0, y: 0, w: width, h: height });
}

/** One large tile (the first of the answer's boxes), the others in a strip beside or below it. */
export function speakerLayout(count: number, width: number, height: number): Layout {
  if (count <= 1) return gridLayout(count, width, height);
  const beside = width > height * 1.1;
  const strip = beside ? Math.min(220, width * 0.28) : Math.min(140, height * 0.3);
  const main: Box = beside
    ? { x: 0, y: 0, w: width - strip - GAP, h: height }
    : { x: 0, y: 0, w: width, h: height - strip - GAP };
  const rest: Box = beside
    ? { x: main.w + GAP, y: 0, w: strip, h: height }
    : { x: 0, y: main.h + GAP, w: width, h: strip };
  const others = fill(count - 1, rest);
  return { boxes: [main, ...others.boxes], height: Math.max(height, others.height) };
}
