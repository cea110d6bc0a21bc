// Drawn here: a font of icons would weigh more than the console.
const PATHS = {
  now: 'M12 7v5l3 2M12 21a9 9 0 1 1 0-18 9 9 0 0 1 0 18',
  rooms: 'M4 5h16v11H4zM8 20h8M12 16v4',
  sessions: 'M4 6h9M4 12h16M9 18h11',
  webhooks: 'M4 12h13M12 6l6 6-6 6M20 5v14',
  keys: 'M8 19a4 4 0 1 0 0-8 4 4 0 0 0 0 8M11 12l8-8M15 8l3 3',
  accounts:
    'M9 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6M3 19c0-3 3-5 6-5s6 2 6 5M16 5.5a3 3 0 0 1 0 5.5M17 14c2.5.5 4 2.5 4 5',
  server: 'M4 5h16v6H4zM4 13h16v6H4zM8 8h.01M8 16h.01',
  microphone: 'M12 15a3 3 0 0 0 3-3V6a3 3 0 0 0-6 0v6a3 3 0 0 0 3 3M6 12a6 6 0 0 0 12 0M12 18v3',
  camera: 'M3 7h12v10H3zM15 11l6-3v8l-6-3',
  screen: 'M3 5h18v11H3zM8 20h8',
  back: 'M15 5l-7 7 7 7',
} as const;

export type GlyphName = keyof typeof PATHS;

export function Glyph({ name }: { name: GlyphName }) {
  return (
    <svg className="glyph" viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
