// What the console's API answers. Times are milliseconds since 1970.

export interface Page<T> {
  items: T[];
  next: string | number | null;
}

export interface Account {
  id: string;
  name: string;
  is_default: boolean;
  created_at: number;
}

export interface LiveAccount extends Account {
  rooms: number;
  people: number;
}

export interface Key {
  id: string;
  dialect: string;
  public_id: string;
  created_at: number;
}

export interface Me {
  operator: boolean;
  account: Account;
  key: Key | null;
  expires_at: number;
}

export interface Room {
  id: string;
  title: string;
  enabled: boolean;
  kind: string;
  capacity: number | null;
  created_at: number;
  deleted_at: number | null;
}

export interface BareSession {
  id: string;
  hms_id: string;
  started_at: number;
  ended_at: number | null;
  end_reason: string | null;
  after_crash: boolean;
  ends_by: number | null;
}

export interface Session extends BareSession {
  room: Room;
  people: number;
  present: number;
}

export interface ListedRoom extends Room {
  latest: Session | null;
}

export interface Track {
  id: string;
  kind: 'audio' | 'video';
  source: string;
  mime: string;
  muted: boolean;
  started_at: number;
  ended_at: number | null;
}

export interface Person {
  id: string;
  name: string;
  identity: string;
  user_id: string;
  dialect: string;
  label: string;
  role: string;
  joined_at: number;
  left_at: number | null;
  leave_reason: string | null;
  held: boolean;
  tracks: Track[];
}

export interface RoomDetail extends Room {
  description: string;
  ids: Record<string, string>;
  session: BareSession | null;
  present: Person[];
}

export interface RoomEvent {
  id: string;
  type: string;
  at: number;
  sequence: number;
  participant_id: string | null;
  name: string | null;
  track_id: string | null;
  source: string | null;
  data: Record<string, string | number | boolean | null>;
}

export interface Message {
  id: string;
  number: number;
  name: string;
  from_application: boolean;
  kind: string;
  mime_type: string;
  text: string;
  audience: 'everyone' | 'role' | 'people';
  role: string;
  recipients: number;
  sent_at: number;
}

export interface Webhook {
  id: string;
  format: string;
  url: string;
  method: string;
  created_at: number;
}

export interface Queue {
  room_id: string;
  format: string;
  target: string;
  waiting: number;
  oldest: number;
  tries: number;
  due_at: number | null;
}

export interface Attempt {
  number: number;
  at: number;
  url: string;
  status: number | null;
  milliseconds: number;
  answer: string;
  error: string;
}

export interface Delivery {
  id: string;
  event_id: string;
  event_type: string;
  event_at: number;
  room_id: string;
  format: string;
  state: 'waiting' | 'delivered' | 'failed' | 'skipped';
  is_replay: boolean;
  created_at: number;
  ended_at: number | null;
  last: Attempt | null;
}

export interface QualitySeries {
  kind: 'audio' | 'video';
  source: string | null;
  track_id: string | null;
  /** Rows of numbers, named by the answer's `columns`. */
  rows: (number | null)[][];
}

export interface Quality {
  columns: string[];
  series: QualitySeries[];
}

export interface Load {
  about: { version: string; database: string };
  started_at: number;
  cores: number;
  load_average: number;
  now: Record<string, number>;
  columns: string[];
  history: number[][];
}

export type Credentials = Record<string, string>;

export interface RecordedFile {
  id: string;
  kind: string;
  bytes: number;
  milliseconds: number;
  width: number;
  height: number;
  /** Good for an hour. */
  link: string;
}

export interface RoomRecording {
  id: string;
  kind: string;
  state: string;
  started_at: number | null;
  stopped_at: number | null;
  failure: string;
  files: RecordedFile[];
}

export interface RoomBroadcast {
  live: {
    id: string;
    state: string;
    started_at: number | null;
    renditions: string[];
    protected: boolean;
    watch: string;
    viewers: number;
  } | null;
  targets: { to: string; name: string; state: string; why: string; since: number; bytes: number }[];
}
