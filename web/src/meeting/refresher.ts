/** Asks again whenever told that something changed: many changes at once are one question or two. */
export class Refresher {
  private asking = false;
  private again = false;

  constructor(
    private readonly ask: () => Promise<void>,
    private readonly betweenMs = 300,
  ) {}

  async refresh(): Promise<void> {
    this.again = true;
    if (this.asking) return;
    this.asking = true;
    while (this.again) {
      this.again = false;
      await this.ask();
      if (this.again) await new Promise((resolve) => setTimeout(resolve, this.betweenMs));
    }
    this.asking = false;
  }
}
