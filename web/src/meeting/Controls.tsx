import { Icon, type IconName } from './Icon';
import type { OwnTracksState } from './tracks';

export type PanelName = 'people' | 'chat' | 'polls' | 'broadcast';

interface Props {
  own: OwnTracksState;
  maySend: (source: string) => boolean;
  connected: boolean;
  view: 'grid' | 'speaker';
  panel: PanelName | null;
  count: number;
  unread: number;
  /** Polls waiting for the visitor's answer; null for whom there are none to see. */
  openPolls: number | null;
  /** Whether the visitor may let the meeting out in any way. */
  mayBroadcast: boolean;
  actions: {
    microphone: () => void;
    camera: () => void;
    screen: () => void;
    view: () => void;
    panel: (name: PanelName) => void;
    leave: () => void;
    end?: (() => void) | undefined;
  };
}

export function Controls({
  own,
  maySend,
  connected,
  view,
  panel,
  count,
  unread,
  openPolls,
  mayBroadcast,
  actions,
}: Props) {
  const canShare = maySend('screen_share') && 'getDisplayMedia' in (navigator.mediaDevices ?? {});
  return (
    <div className="controls" role="toolbar" aria-label="Meeting controls">
      {maySend('microphone') && (
        <Control
          icon={own.microphoneOn ? 'mic' : 'mic-off'}
          words={own.microphoneOn ? 'Mute' : 'Unmute'}
          shortcut="m"
          warn={!own.microphoneOn}
          onClick={actions.microphone}
        />
      )}
      {maySend('camera') && (
        <Control
          icon={own.cameraOn ? 'camera' : 'camera-off'}
          words={own.cameraOn ? 'Stop camera' : 'Start camera'}
          shortcut="v"
          warn={!own.cameraOn}
          onClick={actions.camera}
        />
      )}
      {canShare && (
        <Control
          icon="screen"
          words={own.sharing ? 'Stop sharing' : 'Share screen'}
          active={own.sharing}
          disabled={!connected && !own.sharing}
          onClick={actions.screen}
        />
      )}
      <Control
        icon={view === 'grid' ? 'speaker' : 'grid'}
        words={view === 'grid' ? 'Speaker view' : 'Grid view'}
        shortcut="g"
        onClick={actions.view}
      />
      <Control
        icon="people"
        words="People"
        badge={String(count)}
        badgeWords={`${count} here`}
        shortcut="p"
        expanded={panel === 'people'}
        onClick={() => actions.panel('people')}
      />
      <Control
        icon="chat"
        words="Chat"
        badge={unread > 0 ? String(unread) : ''}
        badgeWords={unread > 0 ? `${unread} unread` : ''}
        shortcut="c"
        expanded={panel === 'chat'}
        onClick={() => actions.panel('chat')}
      />
      {openPolls !== null && (
        <Control
          icon="polls"
          words="Polls"
          badge={openPolls > 0 ? String(openPolls) : ''}
          badgeWords={openPolls > 0 ? `${openPolls} to answer` : ''}
          shortcut="o"
          expanded={panel === 'polls'}
          onClick={() => actions.panel('polls')}
        />
      )}
      {mayBroadcast && (
        <Control
          icon="broadcast"
          words="Record"
          expanded={panel === 'broadcast'}
          onClick={() => actions.panel('broadcast')}
        />
      )}
      <Control icon="leave" words="Leave" danger onClick={actions.leave} />
      {actions.end && <Control icon="end" words="End for all" ends onClick={actions.end} />}
    </div>
  );
}

interface ControlProps {
  icon: IconName;
  words: string;
  onClick: () => void;
  shortcut?: string;
  badge?: string;
  badgeWords?: string;
  expanded?: boolean;
  active?: boolean;
  warn?: boolean;
  danger?: boolean;
  ends?: boolean;
  disabled?: boolean;
}

function Control(props: ControlProps) {
  const { icon, words, onClick, shortcut, badge, badgeWords, expanded, disabled } = props;
  const looks = [
    'control',
    (expanded || props.active) && 'active',
    props.warn && 'warn',
    props.danger && 'danger',
    props.ends && 'ends',
  ];
  return (
    <button
      type="button"
      className={looks.filter(Boolean).join(' ')}
      onClick={onClick}
      disabled={disabled}
      aria-expanded={expanded}
      aria-keyshortcuts={shortcut}
      title={shortcut ? `${words} (${shortcut.toUpperCase()})` : words}
    >
      <Icon name={icon} />
      <span className="control-words">{words}</span>
      {badge && (
        <span className="badge" aria-hidden="true">
          {badge}
        </span>
      )}
      {badgeWords && <span className="hidden-words">, {badgeWords}</span>}
    </button>
  );
}
