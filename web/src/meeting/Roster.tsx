import { Icon } from './Icon';
import type { Voices } from './levels';
import { Panel } from './Panel';
import type { Person } from './people';

interface Props {
  people: Person[];
  voices: Voices;
  keysOn: boolean;
  onKeys: (on: boolean) => void;
  onClose: () => void;
}

export function Roster({ people, voices, keysOn, onKeys, onClose }: Props) {
  return (
    <Panel title={`People (${people.length})`} onClose={onClose}>
      <ul className="roster">
        {people.map((person) => (
          <li key={person.identity} className={voices.speaking.has(person.identity) ? 'speaking' : ''}>
            <span className="roster-name">{person.me ? `${person.name} (you)` : person.name}</span>
            {person.onlyLooks ? <span className="roster-role">looking on</span> : <Devices person={person} />}
          </li>
        ))}
      </ul>
      <footer className="panel-foot">
        <label>
          <input type="checkbox" checked={keysOn} onChange={(event) => onKeys(event.target.checked)} />
          Keys: <kbd>M</kbd> mute, <kbd>V</kbd> camera, <kbd>G</kbd> view, <kbd>P</kbd> people, <kbd>C</kbd>{' '}
          chat
        </label>
      </footer>
    </Panel>
  );
}

function Devices({ person }: { person: Person }) {
  return (
    <>
      <Icon name={person.microphoneOn ? 'mic' : 'mic-off'} />
      <Icon name={person.camera ? 'camera' : 'camera-off'} />
      <span className="hidden-words">
        {`, microphone ${person.microphoneOn ? 'on' : 'off'}, camera ${person.camera ? 'on' : 'off'}`}
        {person.screen && ', sharing the screen'}
      </span>
    </>
  );
}
