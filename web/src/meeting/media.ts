// What is captured and how it is sent. One place, because the server's abilities decide it.
import { type RoomConnectOptions, type RoomOptions, VideoPresets } from 'livekit-client';
import { leaveItToThePage } from './reconnect';

export const AUDIO_CAPTURE = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };

// The server forwards one layer of each camera to everybody, phones included, so it has to be a
// size that a phone in a room of nine can take.
export const VIDEO_CAPTURE = { resolution: VideoPresets.h360.resolution };

export const ROOM_OPTIONS: RoomOptions = {
  // Pausing what is out of sight would need track settings the server may not act on yet, and a tab
  // in the background (or without a window) would show nothing when it comes to the front.
  adaptiveStream: false,
  dynacast: false,
  // The server speaks LiveKit's two-connection form; asking for the newer one first would cost two
  // failed requests at every join.
  singlePeerConnection: false,
  // The page keeps its tracks over a rejoin, so that the browser does not ask for the camera again.
  stopLocalTrackOnUnpublish: false,
  disconnectOnPageLeave: true,
  reconnectPolicy: leaveItToThePage,
  audioCaptureDefaults: AUDIO_CAPTURE,
  videoCaptureDefaults: VIDEO_CAPTURE,
  publishDefaults: { simulcast: false, videoEncoding: VideoPresets.h360.encoding },
  // A chat line is text; nobody may fill this tab's memory with one.
  dataStream: { maxPayloadByteLength: 64 * 1024 },
};

export const CONNECT_OPTIONS: RoomConnectOptions = {
  autoSubscribe: true,
  maxRetries: 0,
  websocketTimeout: 6_000,
  peerConnectionTimeout: 10_000,
};
