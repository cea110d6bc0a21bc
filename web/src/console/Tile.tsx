import { numberOf } from './format';

/** One number, large. */
export function Tile({ name, value }: { name: string; value: number | string | undefined }) {
  return (
    <div className="tile">
      <p className="tile-name">{name}</p>
      <p className="tile-value">
        {value === undefined ? '–' : typeof value === 'number' ? numberOf(value) : value}
      </p>
    </div>
  );
}
