import { Component, type ReactNode } from 'react';
import { Notice } from './Notice';

/** A mistake in this page must not leave an empty one. */
export class Safely extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override render(): ReactNode {
    if (!this.state.failed) return this.props.children;
    const words = {
      title: 'Something went wrong on this page',
      text: 'Open the room again to go on.',
      remedy: 'rejoin' as const,
    };
    return <Notice words={words} room={null} onAgain={() => window.location.reload()} />;
  }
}
