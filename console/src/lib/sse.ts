export interface ServerEvent {
  id: string;
  type: string;
  data: string;
}

/**
 * Server-sent events out of pieces of text, as the HTML standard reads them. Calls `onEvent` for
 * each that is complete and `onRetry` for a retry field.
 */
export class EventParser {
  #rest = '';
  #id = '';
  #type = '';
  #data: string[] = [];
  readonly #onEvent: (event: ServerEvent) => void;
  readonly #onRetry: (ms: number) => void;

  constructor(onEvent: (event: ServerEvent) => void, onRetry: (ms: number) => void = () => {}) {
    this.#onEvent = onEvent;
    this.#onRetry = onRetry;
  }

  push(piece: string): void {
    const lines = (this.#rest + piece).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#line(line);
  }

  #line(line: string): void {
    if (line === '') {
      if (this.#data.length > 0) {
        this.#onEvent({ id: this.#id, type: this.#type || 'message', data: this.#data.join('\n') });
      }
      this.#type = '';
      this.#data = [];
      return;
    }
    const colon = line.indexOf(':');
    if (colon === 0) return;
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (name === 'data') this.#data.push(value);
    else if (name === 'event') this.#type = value;
    else if (name === 'id') this.#id = value;
    else if (name === 'retry' && /^\d+$/.test(value)) this.#onRetry(Number(value));
  }
}
