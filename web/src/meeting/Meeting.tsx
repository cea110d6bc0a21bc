import { RoomAudioRenderer, RoomContext, useStartAudio } from '@livekit/components-react';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useStore } from '../shared/store';
import { BroadcastPanel } from './BroadcastPanel';
import { ChatPanel } from './ChatPanel';
import { Controls, type PanelName } from './Controls';
import { AskedDialog, EndDialog, MuteAllDialog, RemoveDialog } from './HostDialogs';
import { useShortcuts } from './keys';
import { useVoices } from './levels';
import { Notes, useNotes } from './Notes';
import { OnAirBadges } from './OnAirBadges';
import { PollsPanel } from './PollsPanel';
import { usePeople } from './people';
import { isOpen } from './polls';
import { Roster } from './Roster';
import { Stage } from './Stage';
import type { Session } from './session';
import { type HostView, useHost } from './useHost';
import { deviceWords, HELD, roleWords, type Words } from './words';

export function Meeting({ session, onEnd }: { session: Session; onEnd: (words: Words) => void }) {
  const { phase, detail, end, joined } = useStore(session.state);
  const own = useStore(session.own.state);
  const chat = useStore(session.chat.state);
  const polls = useStore(session.polls.state);
  const broadcast = useStore(session.broadcast.state);
  const people = usePeople(session);
  const voices = useVoices(session);
  const { note, say } = useNotes(session);
  const host = useHost(session, say);
  const [view, setView] = useState<'grid' | 'speaker'>('grid');
  const [pinned, setPinned] = useState<string | null>(null);
  const [panel, setPanel] = useState<PanelName | null>(null);
  const [keysOn, setKeysOn] = useState(true);
  const heading = useRef<HTMLHeadingElement>(null);

  useEffect(() => {
    heading.current?.focus();
  }, []);
  useEffect(() => {
    if (end) onEnd(end);
  }, [end, onEnd]);
  useEffect(() => {
    session.polls.onStarted = (poll) => say(`There is a ${poll.type} to answer: ${poll.title}`);
    session.broadcast.onChange = say;
    return () => {
      session.polls.onStarted = null;
      session.broadcast.onChange = null;
    };
  }, [session, say]);

  const attempt = useCallback(
    (work: Promise<void>, trouble: (error: unknown) => string | null) => {
      work.catch((error: unknown) => {
        const words = trouble(error);
        if (words) say(words);
      });
    },
    [say],
  );
  const errorName = (error: unknown) => (error instanceof Error ? error.name : '');
  const actions = {
    microphone: () => {
      if (host.standing?.held && !own.microphoneOn) {
        say(HELD);
        return;
      }
      attempt(session.own.setMicrophone(!own.microphoneOn), (e) => deviceWords('microphone', errorName(e)));
    },
    camera: () => attempt(session.own.setCamera(!own.cameraOn), (e) => deviceWords('camera', errorName(e))),
    // Closing the browser's own chooser is a choice, not a failure.
    screen: () =>
      attempt(session.own.setSharing(!own.sharing), (e) =>
        errorName(e) === 'NotAllowedError' ? null : 'The screen could not be shared.',
      ),
    view: () => {
      setPinned(null);
      setView(view === 'grid' ? 'speaker' : 'grid');
    },
    panel: (name: PanelName | null) => setPanel(name === panel ? null : name),
    leave: () => void session.leave(),
    end: host.standing?.permissions.end_room ? host.actions.askToEnd : undefined,
  };
  const maySend = (source: string) =>
    joined.role.can_publish && joined.role.can_publish_sources.includes(source);
  const seesPolls = polls.mayWrite || polls.polls.length > 0;
  useShortcuts(keysOn, {
    m: maySend('microphone') ? actions.microphone : undefined,
    v: maySend('camera') ? actions.camera : undefined,
    g: actions.view,
    p: () => actions.panel('people'),
    c: () => actions.panel('chat'),
    o: seesPolls ? () => actions.panel('polls') : undefined,
    escape: () => setPanel(null),
  });

  const waiting = phase === 'reconnecting' ? 'Reconnecting…' : phase === 'joining' ? 'Connecting…' : null;
  return (
    <RoomContext.Provider value={session.room}>
      <div className={panel ? 'meeting with-panel' : 'meeting'}>
        <header className="meeting-head">
          <h1 ref={heading} tabIndex={-1}>
            {joined.room.name}
          </h1>
          <OnAirBadges onAir={broadcast} />
          <StartSound session={session} />
        </header>
        <div className="banner" role="status">
          {waiting && (
            <p>
              <span className="spinner" aria-hidden="true" />
              {waiting} {detail}
            </p>
          )}
          {!waiting && !joined.role.can_subscribe && <p>{roleWords(joined.role)}</p>}
        </div>
        <main className="meeting-main" aria-label="Meeting">
          <Stage people={people} voices={voices} view={view} pinned={pinned} onPin={setPinned} />
          <Notes note={note} />
        </main>
        {panel === 'people' && (
          <Roster
            people={people}
            voices={voices}
            standing={host.standing}
            actions={host.actions}
            keysOn={keysOn}
            onKeys={setKeysOn}
            onClose={() => setPanel(null)}
          />
        )}
        {panel === 'chat' && (
          <ChatPanel
            chat={session.chat}
            welcome={joined.room.welcome_message}
            mayWrite={joined.role.can_publish_data}
            rules={host.standing?.chat ?? null}
            others={people.filter((one) => !one.me)}
            connected={phase === 'connected'}
            onClose={() => setPanel(null)}
          />
        )}
        {panel === 'polls' && <PollsPanel polls={session.polls} say={say} onClose={() => setPanel(null)} />}
        {panel === 'broadcast' && (
          <BroadcastPanel broadcast={session.broadcast} say={say} onClose={() => setPanel(null)} />
        )}
        <Controls
          own={own}
          maySend={maySend}
          connected={phase === 'connected'}
          view={view}
          panel={panel}
          count={people.length}
          openPolls={seesPolls ? polls.polls.filter(isOpen).length : null}
          mayBroadcast={Object.values(broadcast.may).some(Boolean)}
          unread={panel === 'chat' ? 0 : chat.received - chat.seen}
          actions={actions}
        />
        <Questions host={host} onSpeak={() => own.microphoneOn || actions.microphone()} />
        <RoomAudioRenderer />
      </div>
    </RoomContext.Provider>
  );
}

/** What the visitor is asked, or asks themselves before something is done. */
function Questions({ host, onSpeak }: { host: HostView; onSpeak: () => void }) {
  const { asked, question, actions, close } = host;
  if (asked !== null) return <AskedDialog by={asked || 'A host'} onYes={onSpeak} onClose={host.answered} />;
  if (question?.about === 'mute-all') return <MuteAllDialog onMute={actions.muteAll} onClose={close} />;
  if (question?.about === 'end') return <EndDialog onEnd={actions.end} onClose={close} />;
  if (question?.about === 'remove')
    return (
      <RemoveDialog
        name={question.person.name}
        onRemove={(keepOut) => actions.remove(question.person, keepOut)}
        onClose={close}
      />
    );
  return null;
}

/** Browsers may hold sound back until they see a click; Join was one, a reload without it is not. */
function StartSound({ session }: { session: Session }) {
  const { mergedProps, canPlayAudio } = useStartAudio({ room: session.room, props: {} });
  if (canPlayAudio) return null;
  return (
    <button type="button" className="button primary" onClick={mergedProps.onClick}>
      Turn sound on
    </button>
  );
}
