import { useEffect, useRef, useState } from 'react';
import { gridLayout, speakerLayout } from './layout';
import type { Voices } from './levels';
import type { Person } from './people';
import { Tile, type TileInfo } from './Tile';

interface Props {
  people: Person[];
  voices: Voices;
  view: 'grid' | 'speaker';
  pinned: string | null;
  onPin: (key: string | null) => void;
}

function tilesOf(people: Person[]): TileInfo[] {
  const screens = people
    .filter((person) => person.screen)
    .map((person): TileInfo => ({ key: `screen ${person.identity}`, person, kind: 'screen' }));
  const faces = people.map(
    (person): TileInfo => ({ key: `face ${person.identity}`, person, kind: 'camera' }),
  );
  return [...screens, ...faces];
}

/** Which tile is large: the pinned one, else a shared screen, else the speaker, else the first other. */
function largeTile(tiles: TileInfo[], pinned: string | null, speaker: string | null): number {
  const pin = tiles.findIndex((tile) => tile.key === pinned);
  if (pin >= 0) return pin;
  const screen = tiles.findIndex((tile) => tile.kind === 'screen');
  if (screen >= 0) return screen;
  return Math.max(
    0,
    tiles.findIndex((tile) => tile.person.identity === speaker),
  );
}

export function Stage({ people, voices, view, pinned, onPin }: Props) {
  const stage = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState({ width: 0, height: 0 });
  useEffect(() => {
    const element = stage.current;
    if (!element) return;
    const watcher = new ResizeObserver(() =>
      setSize({ width: element.clientWidth, height: element.clientHeight }),
    );
    watcher.observe(element);
    return () => watcher.disconnect();
  }, []);

  const tiles = tilesOf(people);
  const large = view === 'speaker' || pinned !== null;
  const layout = (large ? speakerLayout : gridLayout)(tiles.length, size.width, size.height);
  const first = large ? largeTile(tiles, pinned, voices.main) : 0;
  // The large tile takes the first box; the others keep their order in the rest. The elements stay put.
  const boxOf = (index: number) => {
    if (!large) return layout.boxes[index];
    if (index === first) return layout.boxes[0];
    return layout.boxes[index < first ? index + 1 : index];
  };

  return (
    <div className="stage" ref={stage}>
      <ul className="tiles" aria-label="People and screens" style={{ height: layout.height }}>
        {tiles.map((tile, index) => (
          <Tile
            key={tile.key}
            tile={tile}
            box={boxOf(index) ?? { x: 0, y: 0, w: 0, h: 0 }}
            speaking={tile.kind === 'camera' && voices.speaking.has(tile.person.identity)}
            pinned={tile.key === pinned}
            onPin={onPin}
          />
        ))}
      </ul>
    </div>
  );
}
