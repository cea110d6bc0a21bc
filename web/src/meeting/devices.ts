// Camera and microphone before joining: each is asked for on its own, so that a missing camera
// costs no sound, and nothing here ever keeps anyone from joining.
import {
  createLocalAudioTrack,
  createLocalVideoTrack,
  type LocalAudioTrack,
  type LocalVideoTrack,
  Track,
} from 'livekit-client';
import { Store } from '../shared/store';
import { AUDIO_CAPTURE, VIDEO_CAPTURE } from './media';
import { type DeviceKind, deviceWords } from './words';

export type DeviceTrack = LocalAudioTrack | LocalVideoTrack;

export interface DeviceState {
  wanted: boolean;
  asking: boolean;
  track: DeviceTrack | null;
  trouble: string | null;
}

export interface DevicesState {
  camera: DeviceState;
  microphone: DeviceState;
  cameras: MediaDeviceInfo[];
  microphones: MediaDeviceInfo[];
}

const OFF: DeviceState = { wanted: false, asking: false, track: null, trouble: null };

export const SOURCE_OF: Record<DeviceKind, Track.Source> = {
  camera: Track.Source.Camera,
  microphone: Track.Source.Microphone,
};

function open(kind: DeviceKind, deviceId?: string): Promise<DeviceTrack> {
  const chosen = deviceId ? { deviceId: { exact: deviceId } } : {};
  return kind === 'camera'
    ? createLocalVideoTrack({ ...VIDEO_CAPTURE, ...chosen })
    : createLocalAudioTrack({ ...AUDIO_CAPTURE, ...chosen });
}

export class Devices {
  readonly state = new Store<DevicesState>({ camera: OFF, microphone: OFF, cameras: [], microphones: [] });
  /** Set when the meeting has begun: tracks that come late go there. */
  private receiver: ((track: DeviceTrack) => void) | null = null;
  private turn: Record<DeviceKind, number> = { camera: 0, microphone: 0 };

  async turnOn(kind: DeviceKind, deviceId?: string): Promise<void> {
    const turn = ++this.turn[kind];
    this.state.get()[kind].track?.stop();
    this.state.set({ [kind]: { wanted: true, asking: true, track: null, trouble: null } });
    try {
      if (!navigator.mediaDevices) throw new DOMException('', 'InsecureContext');
      const track = await open(kind, deviceId);
      if (this.turn[kind] !== turn) {
        track.stop();
        return;
      }
      if (this.receiver) {
        this.receiver(track);
        this.state.set({ [kind]: OFF });
      } else {
        this.state.set({ [kind]: { wanted: true, asking: false, track, trouble: null } });
        await this.list();
      }
    } catch (error) {
      if (this.turn[kind] !== turn) return;
      const name = error instanceof Error ? error.name : '';
      this.state.set({ [kind]: { ...OFF, trouble: deviceWords(kind, name) } });
    }
  }

  turnOff(kind: DeviceKind): void {
    this.turn[kind]++;
    this.state.get()[kind].track?.stop();
    this.state.set({ [kind]: OFF });
  }

  /** Hands over what is open; what is still being asked for follows when the visitor allows it. */
  handOver(receiver: (track: DeviceTrack) => void): void {
    this.receiver = receiver;
    for (const kind of ['camera', 'microphone'] as const) {
      const { track } = this.state.get()[kind];
      if (track) {
        receiver(track);
        this.state.set({ [kind]: OFF });
      }
    }
  }

  release(): void {
    this.turnOff('camera');
    this.turnOff('microphone');
  }

  private async list(): Promise<void> {
    // Names of devices are only told once one of them was allowed.
    const all = await navigator.mediaDevices.enumerateDevices().catch(() => []);
    const named = all.filter((device) => device.deviceId !== '' && device.label !== '');
    this.state.set({
      cameras: named.filter((device) => device.kind === 'videoinput'),
      microphones: named.filter((device) => device.kind === 'audioinput'),
    });
  }
}
