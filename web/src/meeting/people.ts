// Who is in the room, as the page shows it: plain values, taken anew whenever the room changes.
import {
  type LocalTrack,
  type Participant,
  type RemoteTrack,
  RoomEvent,
  Track,
  type TrackPublication,
} from 'livekit-client';
import { useEffect, useState } from 'react';
import { useStore } from '../shared/store';
import type { Session } from './session';

export interface Person {
  identity: string;
  name: string;
  me: boolean;
  camera: RemoteTrack | LocalTrack | null;
  screen: RemoteTrack | LocalTrack | null;
  microphoneOn: boolean;
  /** Whether the role lets this person neither speak nor show anything. */
  onlyLooks: boolean;
}

const CHANGES = [
  RoomEvent.ConnectionStateChanged,
  RoomEvent.ParticipantConnected,
  RoomEvent.ParticipantDisconnected,
  RoomEvent.ParticipantNameChanged,
  RoomEvent.ParticipantPermissionsChanged,
  RoomEvent.TrackPublished,
  RoomEvent.TrackUnpublished,
  RoomEvent.TrackSubscribed,
  RoomEvent.TrackUnsubscribed,
  RoomEvent.TrackMuted,
  RoomEvent.TrackUnmuted,
  RoomEvent.Disconnected,
  RoomEvent.Reconnected,
] as const;

/** The publication with this source; one without a source counts as camera or microphone by kind. */
export function publicationOf(who: Participant, source: Track.Source): TrackPublication | undefined {
  const exact = who.getTrackPublication(source);
  if (exact) return exact;
  const kind =
    source === Track.Source.Camera
      ? Track.Kind.Video
      : source === Track.Source.Microphone
        ? Track.Kind.Audio
        : null;
  return [...who.trackPublications.values()].find(
    (publication) => publication.kind === kind && publication.source === Track.Source.Unknown,
  );
}

function live(publication: TrackPublication | undefined): RemoteTrack | null {
  if (!publication?.track || publication.isMuted) return null;
  return publication.track as RemoteTrack;
}

function remotePeople(session: Session): Person[] {
  return [...session.room.remoteParticipants.values()].map((who) => {
    const microphone = publicationOf(who, Track.Source.Microphone);
    return {
      identity: who.identity,
      name: who.name || who.identity,
      me: false,
      camera: live(publicationOf(who, Track.Source.Camera)),
      screen: live(publicationOf(who, Track.Source.ScreenShare)),
      microphoneOn: microphone !== undefined && !microphone.isMuted,
      onlyLooks: who.permissions?.canPublish === false,
    };
  });
}

/** Everybody, the visitor last. */
export function usePeople(session: Session): Person[] {
  const own = useStore(session.own.state);
  const { joined } = useStore(session.state);
  const [others, setOthers] = useState(() => remotePeople(session));
  useEffect(() => {
    const update = () => setOthers(remotePeople(session));
    for (const event of CHANGES) session.room.on(event, update);
    update();
    return () => {
      for (const event of CHANGES) session.room.off(event, update);
    };
  }, [session]);
  const me: Person = {
    identity: joined.identity,
    name: joined.name,
    me: true,
    camera: own.camera,
    screen: own.screen,
    microphoneOn: own.microphoneOn,
    onlyLooks: !joined.role.can_publish,
  };
  return [...others, me];
}

export function initials(name: string): string {
  const words = name.trim().split(/\s+/u).filter(Boolean);
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map(
    (word) => [...(word ?? '')][0] ?? '',
  );
  return letters.join('').toLocaleUpperCase() || '?';
}
