import { type PointerEvent, useState } from 'react';
import { exactTimeOf, timeOf } from './format';
import { gapOf, HIGH, nearest, type Point, pathOf, topOf, WIDE } from './lines';

export interface Line {
  /** Where several lines have one name. */
  id?: string;
  name: string;
  /** One of the colours of the drawing: `c1`, `c2`, … */
  colour: string;
  points: Point[];
}

interface Props {
  title: string;
  lines: Line[];
  from: number;
  to: number;
  /** The top of the scale is never below this. */
  least: number;
  words: (value: number) => string;
}

/** Lines over time with one scale; pointing at them shows the numbers. */
export function Plot({ title, lines, from, to, least, words }: Props) {
  const [at, setAt] = useState<number | null>(null);
  const top = topOf(
    lines.flatMap((line) => line.points.map((point) => point[1])),
    least,
  );
  function point(event: PointerEvent<HTMLDivElement>): void {
    const box = event.currentTarget.getBoundingClientRect();
    setAt(from + ((event.clientX - box.left) / Math.max(1, box.width)) * (to - from));
  }
  const reach = (to - from) / 20;
  return (
    <figure className="plot">
      <figcaption>
        <span className="plot-title">{title}</span>
        <span className="plot-now">
          {lines.map((line) => {
            const shown = at === null ? lastOf(line.points) : nearest(line.points, at, reach);
            return (
              <span key={line.id ?? line.name} className="plot-value">
                <i className={`swatch ${line.colour}`} />
                {lines.length > 1 && `${line.name} `}
                <b>{shown && shown[1] !== null ? words(shown[1]) : '–'}</b>
              </span>
            );
          })}
        </span>
      </figcaption>
      <div className="plot-box" onPointerMove={point} onPointerLeave={() => setAt(null)}>
        <svg viewBox={`0 0 ${WIDE} ${HIGH}`} preserveAspectRatio="none" role="img" aria-label={title}>
          {[0, 0.5, 1].map((share) => (
            <line key={share} className="grid" x1="0" x2={WIDE} y1={HIGH * share} y2={HIGH * share} />
          ))}
          {lines.map((line) => (
            <path
              key={line.id ?? line.name}
              className={`line ${line.colour}`}
              d={drawn(line, from, to, top)}
            />
          ))}
          {at !== null && (
            <line className="pointer" x1={xOf(at, from, to)} x2={xOf(at, from, to)} y1="0" y2={HIGH} />
          )}
        </svg>
        <span className="plot-top">{words(top)}</span>
      </div>
      <div className="plot-axis" aria-hidden="true">
        <span>{timeOf(from)}</span>
        <span>{at === null ? '' : exactTimeOf(at)}</span>
        <span>{timeOf(to)}</span>
      </div>
    </figure>
  );
}

function drawn(line: Line, from: number, to: number, top: number): string {
  const path = pathOf(line.points, from, to, top, gapOf(line.points));
  // A lone point would draw nothing: let it be as long as its line is thick.
  return path.replace(/M([\d.-]+ [\d.-]+)(?=M|$)/g, 'M$1h0.1');
}

function xOf(at: number, from: number, to: number): number {
  return ((at - from) / Math.max(1, to - from)) * WIDE;
}

function lastOf(points: Point[]): Point | null {
  return points.findLast((point) => point[1] !== null) ?? null;
}
