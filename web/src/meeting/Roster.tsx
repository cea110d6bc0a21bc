import { useEffect, useRef, useState } from 'react';
import type { PersonStanding, Standing } from './api';
import { Icon } from './Icon';
import type { Voices } from './levels';
import { Panel } from './Panel';
import { canAct, type HostActions, PersonActions } from './PersonActions';
import type { Person } from './people';

interface Props {
  people: Person[];
  voices: Voices;
  standing: Standing | null;
  actions: HostActions & { askToMuteAll: () => void; askToEnd: () => void };
  keysOn: boolean;
  onKeys: (on: boolean) => void;
  onClose: () => void;
}

export function Roster({ people, voices, standing, actions, keysOn, onKeys, onClose }: Props) {
  const [open, setOpen] = useState<string | null>(null);
  const list = useRef<HTMLUListElement>(null);
  const others = people.length > 1;
  // Whoever is managed and gone takes the focus along.
  useEffect(() => {
    if (open === null || people.some((one) => one.identity === open)) return;
    setOpen(null);
    if (document.activeElement === document.body) list.current?.focus();
  }, [people, open]);
  return (
    <Panel title={`People (${people.length})`} onClose={onClose}>
      <p className="host-actions">
        {standing?.permissions.mute && others && (
          <button type="button" className="button small" onClick={actions.askToMuteAll}>
            <Icon name="mic-off" />
            Mute all…
          </button>
        )}
        {standing?.permissions.end_room && (
          <button type="button" className="button small only-narrow" onClick={actions.askToEnd}>
            <Icon name="end" />
            End for all…
          </button>
        )}
      </p>
      <ul className="roster" ref={list} tabIndex={-1}>
        {people.map((person) => (
          <RosterLine
            key={person.identity}
            person={person}
            speaking={voices.speaking.has(person.identity)}
            standing={standing}
            known={standing?.people.find((one) => one.identity === person.identity)}
            actions={actions}
            open={open === person.identity}
            onOpen={() => setOpen(open === person.identity ? null : person.identity)}
          />
        ))}
      </ul>
      <footer className="panel-foot">
        <label>
          <input type="checkbox" checked={keysOn} onChange={(event) => onKeys(event.target.checked)} />
          Keys: <kbd>M</kbd> mute, <kbd>V</kbd> camera, <kbd>G</kbd> view, <kbd>P</kbd> people, <kbd>C</kbd>{' '}
          chat, <kbd>O</kbd> polls
        </label>
      </footer>
    </Panel>
  );
}

interface LineProps {
  person: Person;
  speaking: boolean;
  standing: Standing | null;
  known: PersonStanding | undefined;
  actions: HostActions;
  open: boolean;
  onOpen: () => void;
}

function RosterLine({ person, speaking, standing, known, actions, open, onOpen }: LineProps) {
  const mine = standing !== null && canAct(person, known, standing);
  const looks = [speaking && 'speaking', mine && open && 'open'];
  return (
    <li className={looks.filter(Boolean).join(' ')}>
      <div className="roster-line">
        <span className="roster-name">
          <span>{person.me ? `${person.name} (you)` : person.name}</span>
          {known && <span className="roster-role">{known.role}</span>}
        </span>
        {person.onlyLooks ? (
          !known && <span className="roster-role">looking on</span>
        ) : (
          <Devices person={person} held={known?.held ?? false} />
        )}
        {mine && (
          <button type="button" className="button quiet" aria-expanded={open} onClick={onOpen}>
            <Icon name="more" />
            <span className="hidden-words">{`Manage ${person.name}`}</span>
          </button>
        )}
      </div>
      {mine && open && known && (
        <PersonActions person={person} known={known} standing={standing} actions={actions} />
      )}
    </li>
  );
}

function Devices({ person, held }: { person: Person; held: boolean }) {
  const microphone = person.microphoneOn ? 'on' : held ? 'held back by a host' : 'off';
  return (
    <>
      {held ? (
        <span className="held" title="Muted until a host lets them speak">
          <Icon name="mic-off" />
        </span>
      ) : (
        <Icon name={person.microphoneOn ? 'mic' : 'mic-off'} />
      )}
      <Icon name={person.camera ? 'camera' : 'camera-off'} />
      <span className="hidden-words">
        {`, microphone ${microphone}, camera ${person.camera ? 'on' : 'off'}`}
        {person.screen && ', sharing the screen'}
      </span>
    </>
  );
}
