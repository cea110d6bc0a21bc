import { Component, type ReactNode } from 'react';

/** A mistake in this page must not leave an empty one. */
export class Safely extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override render(): ReactNode {
    if (!this.state.failed) return this.props.children;
    return (
      <main className="sign-in">
        <h1>Something went wrong on this page</h1>
        <button type="button" className="button primary" onClick={() => window.location.reload()}>
          Open it again
        </button>
      </main>
    );
  }
}
