// Who is speaking, judged here: the browser already knows how loud each stream is, so neither the
// server nor an audio graph is needed.
import { type LocalTrack, type RemoteTrack, type Room, Track } from 'livekit-client';
import { useEffect, useState } from 'react';
import { publicationOf } from './people';
import type { Session } from './session';

const EVERY_MS = 300;
const LOUD = 0.02;
const HOLD_MS = 900;
const KEEP_SPEAKER_MS = 2_000;

export interface Voices {
  speaking: ReadonlySet<string>;
  /** Whoever the speaker view shows: the last one (but oneself) who was loud for a while. */
  main: string | null;
}

async function levelFromStats(
  source: { getStats(): Promise<RTCStatsReport> },
  type: string,
): Promise<number> {
  let level = 0;
  for (const entry of (await source.getStats()).values() as IterableIterator<Record<string, unknown>>) {
    if (entry['type'] === type && typeof entry['audioLevel'] === 'number')
      level = Math.max(level, entry['audioLevel']);
  }
  return level;
}

async function levelOf(track: RemoteTrack | LocalTrack): Promise<number> {
  if ('receiver' in track && track.receiver) {
    const source = track.receiver.getSynchronizationSources?.()[0];
    if (source?.audioLevel !== undefined) {
      const fresh = performance.timeOrigin + performance.now() - source.timestamp < 1_000;
      return fresh ? source.audioLevel : 0;
    }
    return levelFromStats(track.receiver, 'inbound-rtp');
  }
  if ('sender' in track && track.sender) return levelFromStats(track.sender, 'media-source');
  return 0;
}

async function loudness(room: Room): Promise<Map<string, number>> {
  const levels = new Map<string, number>();
  const everybody = [...room.remoteParticipants.values(), room.localParticipant];
  await Promise.all(
    everybody.map(async (who) => {
      const publication = publicationOf(who, Track.Source.Microphone);
      if (!publication?.track || publication.isMuted) return;
      levels.set(who.identity, await levelOf(publication.track as RemoteTrack).catch(() => 0));
    }),
  );
  return levels;
}

/** Remembers who was loud lately, and picks the speaker without jumping at every cough. */
export class VoiceTracker {
  private readonly lastLoud = new Map<string, number>();
  private main: string | null = null;
  private mainSince = Number.NEGATIVE_INFINITY;

  update(levels: ReadonlyMap<string, number>, now: number, present: ReadonlySet<string>): Voices {
    for (const [who, level] of levels) if (level >= LOUD) this.lastLoud.set(who, now);
    const speaking = new Set<string>();
    for (const [who, at] of this.lastLoud) {
      if (now - at > HOLD_MS) this.lastLoud.delete(who);
      else speaking.add(who);
    }
    if (this.main !== null && !present.has(this.main)) this.main = null;
    const loudest = [...levels]
      .filter(([who, level]) => present.has(who) && level >= LOUD)
      .sort((a, b) => b[1] - a[1])[0]?.[0];
    const free = this.main === null || !speaking.has(this.main);
    if (loudest && loudest !== this.main && free && now - this.mainSince >= KEEP_SPEAKER_MS) {
      this.main = loudest;
      this.mainSince = now;
    }
    return { speaking, main: this.main };
  }
}

function same(a: Voices, b: Voices): boolean {
  return (
    a.main === b.main &&
    a.speaking.size === b.speaking.size &&
    [...a.speaking].every((who) => b.speaking.has(who))
  );
}

export function useVoices(session: Session): Voices {
  const [voices, setVoices] = useState<Voices>({ speaking: new Set(), main: null });
  useEffect(() => {
    const tracker = new VoiceTracker();
    let over = false;
    let timer: ReturnType<typeof setTimeout>;
    const look = async () => {
      const levels = await loudness(session.room);
      if (over) return;
      const next = tracker.update(levels, performance.now(), new Set(session.room.remoteParticipants.keys()));
      setVoices((before) => (same(before, next) ? before : next));
      timer = setTimeout(look, EVERY_MS);
    };
    timer = setTimeout(look, EVERY_MS);
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [session]);
  return voices;
}
