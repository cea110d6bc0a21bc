// Drawn here, 24 × 24; the button beside each says what it does.
const SHAPES = {
  play: 'M8 5v14l11-7z',
  pause: 'M7 5h3.500v14H7zM13.500 5H17v14h-3.500z',
  again: 'M12 5a7 7 0 1 1-6.500 4.400l1.900.8A5 5 0 1 0 12 7v3L7.500 6 12 2z',
  sound:
    'M4 9h3l5-4v14l-5-4H4zM14.500 8.200a5 5 0 0 1 0 7.600l-1-1.300a3.300 3.300 0 0 0 0-5zM16.700 5.500a8.500 8.500 0 0 1 0 13l-1-1.400a6.800 6.800 0 0 0 0-10.200z',
  silent:
    'M4 9h3l5-4v14l-5-4H4zM15 9.400l1.200-1.200 2.300 2.300 2.300-2.300L22 9.400 19.700 11.700 22 14l-1.200 1.200-2.300-2.300-2.300 2.300L15 14l2.300-2.300z',
  full: 'M4 4h6v2H6v4H4zM14 4h6v6h-2V6h-4zM4 14h2v4h4v2H4zM18 14h2v6h-6v-2h4z',
  small: 'M8 4h2v6H4V8h4zM14 4h2v4h4v2h-6zM4 14h6v6H8v-4H4zM14 14h6v2h-4v4h-2z',
} as const;

export function PlayerIcon({ name }: { name: keyof typeof SHAPES }) {
  return (
    <svg className="player-icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={SHAPES[name]} />
    </svg>
  );
}
