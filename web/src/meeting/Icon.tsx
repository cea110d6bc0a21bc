// Drawn here, 24 × 24, strokes only; always beside words, so never announced.
const SHAPES = {
  mic: 'M12 4a3 3 0 0 1 3 3v5a3 3 0 0 1-6 0V7a3 3 0 0 1 3-3M6 11v1a6 6 0 0 0 12 0v-1M12 18v3',
  'mic-off':
    'M9 9v3a3 3 0 0 0 5 2.2M15 10V7a3 3 0 0 0-6-.5M6 11v1a6 6 0 0 0 9.5 4.9M18 11v1c0 .7-.1 1.3-.3 1.9M12 18v3M4 4l16 16',
  camera: 'M3 7h12v10H3zM15 11l6-3v8l-6-3',
  'camera-off': 'M8 7h7v6M15 11l6-3v8l-4-2M14 17H3V7h1M3 3l18 18',
  screen: 'M3 5h18v11H3zM8 20h8M12 13V8M9.500 10 12 7.500 14.500 10',
  grid: 'M4 4h7v7H4zM13 4h7v7h-7zM4 13h7v7H4zM13 13h7v7h-7z',
  speaker: 'M3 5h18v9H3zM3 17h5v3H3zM10 17h5v3h-5zM17 17h4v3h-4z',
  people:
    'M9 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6M3 19c0-3 2.500-5 6-5s6 2 6 5M16 11a2.500 2.500 0 1 0-1-4.800M17 14c2.500.4 4 2.200 4 5',
  chat: 'M4 5h16v11H10l-4 4v-4H4z',
  polls: 'M5 20V11M12 20V4M19 20v-6M3 20h18',
  broadcast:
    'M12 12v.01M8.500 15.500a5 5 0 0 1 0-7M15.500 8.500a5 5 0 0 1 0 7M6 18a8.500 8.500 0 0 1 0-12M18 6a8.500 8.500 0 0 1 0 12',
  leave: 'M14 4h5v16h-5M4 12h11M8 8l-4 4 4 4',
  end: 'M12 3v9M6.500 7a8 8 0 1 0 11 0',
  more: 'M12 5.500v.01M12 12v.01M12 18.500v.01',
  close: 'M6 6l12 12M18 6 6 18',
  pin: 'M8 4h8l-1 6 3 3H6l3-3zM12 13v7',
} as const;

export type IconName = keyof typeof SHAPES;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={SHAPES[name]} />
    </svg>
  );
}
