import type { OnAir } from './broadcast';

/** In the head of the meeting, for everybody: what leaves it. */
export function OnAirBadges({ onAir }: { onAir: OnAir }) {
  const shown = [
    onAir.recorded && 'Recording',
    onAir.live && 'Live',
    onAir.restreamed && 'Streaming elsewhere',
  ].filter((one): one is string => Boolean(one));
  return (
    <ul className="on-air" aria-label="What leaves this meeting">
      {shown.map((words) => (
        <li key={words}>
          <span className="on-air-dot" aria-hidden="true" />
          {words}
        </li>
      ))}
    </ul>
  );
}
