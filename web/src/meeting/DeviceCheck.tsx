import { useEffect, useId, useRef, useState } from 'react';
import { useStore } from '../shared/store';
import type { RoleInfo } from './api';
import type { Devices, DeviceTrack } from './devices';
import { Icon } from './Icon';
import type { DeviceKind } from './words';

/** Shows the visitor what the others will see and hear. Asks on its own, never stands in the way. */
export function DeviceCheck({ devices, role }: { devices: Devices; role: RoleInfo }) {
  const { camera, microphone, cameras, microphones } = useStore(devices.state);
  const mayShow = role.can_publish && role.can_publish_sources.includes('camera');
  const maySpeak = role.can_publish && role.can_publish_sources.includes('microphone');

  useEffect(() => {
    if (mayShow) void devices.turnOn('camera');
    if (maySpeak) void devices.turnOn('microphone');
  }, [devices, mayShow, maySpeak]);

  if (!mayShow && !maySpeak) return null;
  const toggle = (kind: DeviceKind, on: boolean) => (on ? devices.turnOff(kind) : void devices.turnOn(kind));

  return (
    <section className="check" aria-label="Camera and microphone check">
      <div className="check-picture">
        {camera.track ? (
          <Preview track={camera.track} />
        ) : (
          <p>{camera.asking ? 'Waiting for the camera…' : 'Camera is off'}</p>
        )}
        {microphone.track && <Meter track={microphone.track} />}
      </div>
      <div className="check-buttons">
        {maySpeak && (
          <button
            type="button"
            className="button"
            aria-pressed={microphone.wanted}
            onClick={() => toggle('microphone', microphone.wanted)}
          >
            <Icon name={microphone.wanted ? 'mic' : 'mic-off'} />
            Microphone <span aria-hidden="true">{microphone.wanted ? 'on' : 'off'}</span>
          </button>
        )}
        {mayShow && (
          <button
            type="button"
            className="button"
            aria-pressed={camera.wanted}
            onClick={() => toggle('camera', camera.wanted)}
          >
            <Icon name={camera.wanted ? 'camera' : 'camera-off'} />
            Camera <span aria-hidden="true">{camera.wanted ? 'on' : 'off'}</span>
          </button>
        )}
      </div>
      {microphones.length > 1 && microphone.track && (
        <Choice
          label="Microphone"
          list={microphones}
          track={microphone.track}
          onChoose={(id) => void devices.turnOn('microphone', id)}
        />
      )}
      {cameras.length > 1 && camera.track && (
        <Choice
          label="Camera"
          list={cameras}
          track={camera.track}
          onChoose={(id) => void devices.turnOn('camera', id)}
        />
      )}
      <div role="status" className="check-trouble">
        {camera.trouble && <p>{camera.trouble}</p>}
        {microphone.trouble && <p>{microphone.trouble}</p>}
      </div>
    </section>
  );
}

function Preview({ track }: { track: DeviceTrack }) {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const element = video.current;
    if (!element) return;
    track.attach(element);
    return () => void track.detach(element);
  }, [track]);
  return <video ref={video} className="mirrored" muted playsInline aria-label="Your camera" />;
}

interface ChoiceProps {
  label: string;
  list: MediaDeviceInfo[];
  track: DeviceTrack;
  onChoose: (id: string) => void;
}

function Choice({ label, list, track, onChoose }: ChoiceProps) {
  const id = useId();
  return (
    <p className="check-choice">
      <label htmlFor={id}>{label}</label>
      <select
        id={id}
        value={track.mediaStreamTrack.getSettings().deviceId ?? ''}
        onChange={(event) => onChoose(event.target.value)}
      >
        {list.map((device) => (
          <option key={device.deviceId} value={device.deviceId}>
            {device.label}
          </option>
        ))}
      </select>
    </p>
  );
}

/** How loud the microphone is. A picture only; the trouble texts say the rest. */
function Meter({ track }: { track: DeviceTrack }) {
  const [level, setLevel] = useState(0);
  useEffect(() => {
    const context = new AudioContext();
    const analyser = context.createAnalyser();
    analyser.fftSize = 512;
    context.createMediaStreamSource(new MediaStream([track.mediaStreamTrack])).connect(analyser);
    const wave = new Float32Array(analyser.fftSize);
    const timer = setInterval(() => {
      analyser.getFloatTimeDomainData(wave);
      const loudest = wave.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
      setLevel(Math.min(10, Math.round(loudest * 20)));
    }, 120);
    return () => {
      clearInterval(timer);
      void context.close();
    };
  }, [track]);
  return (
    <div className="meter" aria-hidden="true">
      <span style={{ transform: `scaleX(${level / 10})` }} />
    </div>
  );
}
