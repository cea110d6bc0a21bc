import { lazy, Suspense, useCallback, useEffect, useState } from 'react';
import { askLobby, askToJoin, type LobbyAnswer, RefusedError } from './api';
import { Devices } from './devices';
import { Lobby, type Trouble } from './Lobby';
import type { MeetingLink } from './link';
import { Meeting } from './Meeting';
import { Notice } from './Notice';
import { Session } from './session';
import { canBePutRightInLobby, refusalWords, type Words } from './words';

// Whoever comes to a meeting needs no player.
const Watch = lazy(() => import('../watch/Watch').then((found) => ({ default: found.Watch })));

type Page =
  | { at: 'opening' }
  | { at: 'lobby'; lobby: LobbyAnswer; devices: Devices; joining: boolean; trouble: Trouble | null }
  | { at: 'meeting'; session: Session; lobby: LobbyAnswer }
  | { at: 'watch'; lobby: LobbyAnswer }
  | { at: 'notice'; words: Words; room: string | null };

function troubleFrom(error: unknown): Trouble {
  const known = error instanceof RefusedError ? error : new RefusedError('server_error', 0, '');
  return { code: known.code, words: refusalWords(known.code, known.message, known.retryAfter) };
}

export function App({ link }: { link: MeetingLink | null }) {
  const [page, setPage] = useState<Page>({ at: 'opening' });

  const openLobby = useCallback(async () => {
    setPage({ at: 'opening' });
    if (!link) {
      setPage({ at: 'notice', words: refusalWords('room_not_found'), room: null });
      return;
    }
    try {
      const lobby = await askLobby(link.room, link.credentials);
      if (lobby.room.type === 'video') setPage({ at: 'watch', lobby });
      else setPage({ at: 'lobby', lobby, devices: new Devices(), joining: false, trouble: null });
    } catch (error) {
      setPage({ at: 'notice', words: troubleFrom(error).words, room: null });
    }
  }, [link]);

  useEffect(() => {
    void openLobby();
  }, [openLobby]);

  const roomName = 'lobby' in page ? page.lobby.room.name : null;
  useEffect(() => {
    document.title = roomName ? `${roomName} – polyroom` : 'Meeting – polyroom';
  }, [roomName]);

  async function join(name: string, accessCode: string | null): Promise<void> {
    if (page.at !== 'lobby' || !link || page.joining) return;
    setPage({ ...page, joining: true, trouble: null });
    try {
      const joined = await askToJoin(link.room, link.credentials, name, accessCode);
      const session = new Session(joined, {
        room: link.room,
        credentials: link.credentials,
        name: joined.name,
        accessCode,
      });
      page.devices.handOver((track) => session.own.add(track));
      void session.start();
      setPage({ at: 'meeting', session, lobby: page.lobby });
    } catch (error) {
      const trouble = troubleFrom(error);
      if (canBePutRightInLobby(trouble.code)) {
        const asks = trouble.code === 'access_code_required' || trouble.code === 'access_code_wrong';
        const lobby = asks ? { ...page.lobby, needs_access_code: true } : page.lobby;
        setPage({ ...page, lobby, joining: false, trouble });
      } else {
        page.devices.release();
        setPage({ at: 'notice', words: trouble.words, room: page.lobby.room.name });
      }
    }
  }

  const endWatching = useCallback(
    (words: Words) =>
      setPage((old) => ({ at: 'notice', words, room: 'lobby' in old ? old.lobby.room.name : null })),
    [],
  );
  const opening = (
    <p className="plain-notice" role="status">
      Opening the room…
    </p>
  );
  switch (page.at) {
    case 'opening':
      return opening;
    case 'watch':
      return (
        <Suspense fallback={opening}>
          {link && <Watch link={link} lobby={page.lobby} onEnd={endWatching} />}
        </Suspense>
      );
    case 'lobby':
      return (
        <Lobby
          lobby={page.lobby}
          devices={page.devices}
          joining={page.joining}
          trouble={page.trouble}
          onJoin={join}
        />
      );
    case 'meeting':
      return (
        <Meeting
          session={page.session}
          onEnd={(words) => setPage({ at: 'notice', words, room: page.lobby.room.name })}
        />
      );
    case 'notice':
      return <Notice words={page.words} room={page.room} onAgain={openLobby} />;
  }
}
