// The visitor's own camera, microphone and screen: kept here, apart from the connection, so that a
// lost connection loses none of them and muting works while it is being restored.
import { type LocalTrack, type LocalTrackPublication, type Room, RoomEvent, Track } from 'livekit-client';
import { Store } from '../shared/store';

export interface OwnTracksState {
  microphoneOn: boolean;
  cameraOn: boolean;
  sharing: boolean;
  camera: LocalTrack | null;
  screen: LocalTrack | null;
}

const NONE: OwnTracksState = {
  microphoneOn: false,
  cameraOn: false,
  sharing: false,
  camera: null,
  screen: null,
};
const SCREEN_SOURCES = [Track.Source.ScreenShare, Track.Source.ScreenShareAudio];

export class OwnTracks {
  readonly state = new Store<OwnTracksState>(NONE);
  private readonly kept = new Map<Track.Source, LocalTrack>();
  private working: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly room: Room,
    private readonly connected: () => boolean,
  ) {
    for (const event of [RoomEvent.TrackMuted, RoomEvent.TrackUnmuted] as const) room.on(event, this.refresh);
    room.on(RoomEvent.LocalTrackPublished, this.onPublished);
    room.on(RoomEvent.LocalTrackUnpublished, (publication) => {
      // The browser's own "stop sharing" ends the track; a lost connection merely unpublishes it.
      const track = publication.track;
      if (track && this.connected() && track.mediaStreamTrack.readyState === 'ended' && !track.isMuted)
        this.forget(track);
    });
  }

  /** Takes a track that is already open (from the device check) and sends it once connected. */
  add(track: LocalTrack): void {
    this.kept.get(track.source)?.stop();
    this.kept.set(track.source, track);
    this.refresh();
    if (this.connected()) this.queue(() => this.publish(track));
  }

  setMicrophone(on: boolean): Promise<void> {
    return this.toggle(Track.Source.Microphone, on, () =>
      this.room.localParticipant.setMicrophoneEnabled(on),
    );
  }

  setCamera(on: boolean): Promise<void> {
    return this.toggle(Track.Source.Camera, on, () => this.room.localParticipant.setCameraEnabled(on));
  }

  setSharing(on: boolean): Promise<void> {
    return this.queue(async () => {
      if (on) {
        if (!this.connected()) return;
        await this.room.localParticipant.setScreenShareEnabled(true, { audio: true });
        return;
      }
      for (const source of SCREEN_SOURCES) {
        const track = this.kept.get(source);
        if (!track) continue;
        if (this.connected()) await this.room.localParticipant.unpublishTrack(track, true);
        this.forget(track);
      }
    });
  }

  /** Sends again everything that was being sent, as it was: muted stays muted. */
  publishAll(): Promise<void> {
    return this.queue(async () => {
      for (const [source, track] of [...this.kept]) {
        const ended = track.mediaStreamTrack.readyState === 'ended';
        if (!ended) {
          await this.publish(track);
          continue;
        }
        // A stopped camera is opened anew when it is wanted; an ended one that was on is wanted now.
        const wanted = !track.isMuted;
        this.forget(track);
        if (wanted && source === Track.Source.Camera) await this.room.localParticipant.setCameraEnabled(true);
        if (wanted && source === Track.Source.Microphone)
          await this.room.localParticipant.setMicrophoneEnabled(true);
      }
    });
  }

  /** The role allows no more than these sources: the rest is switched off, the devices too. */
  keepOnly(sources: readonly string[]): Promise<void> {
    return this.queue(async () => {
      for (const [source, track] of [...this.kept]) {
        const needed = source === Track.Source.ScreenShareAudio ? Track.Source.ScreenShare : source;
        if (sources.includes(needed)) continue;
        if (this.connected()) await this.room.localParticipant.unpublishTrack(track, true);
        this.forget(track);
      }
    });
  }

  stopAll(): void {
    for (const track of this.kept.values()) track.stop();
    this.kept.clear();
    this.refresh();
  }

  private readonly refresh = (): void => {
    const microphone = this.kept.get(Track.Source.Microphone);
    const camera = this.kept.get(Track.Source.Camera);
    const screen = this.kept.get(Track.Source.ScreenShare) ?? null;
    const cameraOn = camera !== undefined && !camera.isMuted;
    this.state.set({
      microphoneOn: microphone !== undefined && !microphone.isMuted,
      cameraOn,
      camera: cameraOn ? camera : null,
      sharing: screen !== null,
      screen,
    });
  };

  private readonly onPublished = (publication: LocalTrackPublication): void => {
    if (publication.track) this.kept.set(publication.source, publication.track);
    this.refresh();
  };

  private forget(track: LocalTrack): void {
    if (this.kept.get(track.source) !== track) return;
    track.stop();
    this.kept.delete(track.source);
    this.refresh();
  }

  private async publish(track: LocalTrack): Promise<void> {
    const known = [...this.room.localParticipant.trackPublications.values()];
    if (known.some((publication) => publication.track === track)) return;
    await this.room.localParticipant.publishTrack(track, { source: track.source });
  }

  private toggle(source: Track.Source, on: boolean, live: () => Promise<unknown>): Promise<void> {
    return this.queue(async () => {
      const track = this.kept.get(source);
      const published = this.room.localParticipant.getTrackPublication(source) !== undefined;
      if (this.connected() && (published || !track)) await live();
      else if (track && 'mute' in track) await (on ? track.unmute() : track.mute());
    }).finally(this.refresh);
  }

  /** One change after the other; a failed one is told to its caller and does not block the next. */
  private queue(work: () => Promise<unknown>): Promise<void> {
    const result = this.working.then(work);
    this.working = result.catch(() => undefined);
    return result.then(() => undefined);
  }
}
