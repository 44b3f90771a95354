import { EventParser } from '#lib/sse.ts';
import { dropSession, onSessionChange, sessionToken } from './session.ts';

/** A reference to what changed (contract: /events); `reset` means that anything may have. */
export interface LiveEvent {
  kind: string;
  ref: string;
}

export type LiveState = 'connecting' | 'live' | 'disconnected';

type Message =
  | { type: 'event'; event: LiveEvent; id: string }
  | { type: 'state'; state: LiveState; id: string }
  | { type: 'hello' };

const NAME = 'preloop-live';
/** The server says something each 15 s. */
const SILENCE_MS = 40_000;
const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 5_000;

/**
 * The live stream, once a browser. Browsers allow six connections to a host, so of all tabs one
 * reads the stream (whoever has the lock) and tells the others; when it closes, the next one goes on
 * behind the last event. Where there are no locks (plain http beyond this machine), each tab reads.
 *
 * It is read by `fetch`, because EventSource cannot send the session's header.
 */
export class Live {
  #state: LiveState = 'connecting';
  #lastId = '';
  #events = new Set<(event: LiveEvent) => void>();
  #states = new Set<(state: LiveState) => void>();
  #channel: BroadcastChannel | undefined;
  #isLeader = false;
  #stop: AbortController | undefined;
  #wake: (() => void) | undefined;

  constructor() {
    onSessionChange(() => this.#restart());
    addEventListener('online', () => this.#wake?.());
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible') this.#wake?.();
    });
  }

  get state(): LiveState {
    return this.#state;
  }

  onEvent(listener: (event: LiveEvent) => void): () => void {
    this.#events.add(listener);
    return () => this.#events.delete(listener);
  }

  onState(listener: (state: LiveState) => void): () => void {
    this.#states.add(listener);
    return () => this.#states.delete(listener);
  }

  /** Begins to listen while somebody is signed in. */
  start(): void {
    this.#restart();
  }

  #restart(): void {
    this.#stop?.abort();
    this.#channel?.close();
    this.#channel = undefined;
    this.#isLeader = false;
    this.#lastId = '';
    this.#setState('connecting');
    const token = sessionToken();
    if (!token) return;
    const stop = new AbortController();
    this.#stop = stop;
    if (!('locks' in navigator)) {
      void this.#read(stop.signal);
      return;
    }
    this.#listen();
    navigator.locks
      .request(NAME, { signal: stop.signal }, async () => {
        this.#isLeader = true;
        // What is known is not news: a follower that takes over goes on behind its last event.
        await this.#read(stop.signal);
      })
      .catch(() => {
        // Aborted while waiting: another session, or none.
      });
  }

  #listen(): void {
    const channel = new BroadcastChannel(NAME);
    this.#channel = channel;
    channel.onmessage = ({ data }: MessageEvent<Message>) => {
      if (data.type === 'hello') {
        if (this.#isLeader) this.#tellState();
      } else if (this.#isLeader) {
        // Only the leader speaks.
      } else if (data.type === 'state') {
        if (data.id) this.#lastId = data.id;
        this.#setState(data.state);
      } else {
        this.#lastId = data.id;
        this.#emit(data.event);
      }
    };
    channel.postMessage({ type: 'hello' } satisfies Message);
  }

  async #read(signal: AbortSignal): Promise<void> {
    let delay = FIRST_DELAY_MS;
    while (!signal.aborted) {
      const opened = await this.#readOnce(signal);
      if (signal.aborted) return;
      this.#setState('disconnected');
      delay = opened ? FIRST_DELAY_MS : Math.min(delay * 2, LONGEST_DELAY_MS);
      await this.#pause(delay, signal);
    }
  }

  /** Until the stream ends; was it there at all? */
  async #readOnce(signal: AbortSignal): Promise<boolean> {
    const token = sessionToken();
    const attempt = new AbortController();
    const abort = () => attempt.abort();
    signal.addEventListener('abort', abort);
    let silence = setTimeout(abort, SILENCE_MS);
    let opened = false;
    try {
      const response = await fetch('/api/v1/events', {
        headers: {
          Accept: 'text/event-stream',
          'X-Preloop-Session': token ?? '',
          ...(this.#lastId ? { 'Last-Event-ID': this.#lastId } : {}),
        },
        credentials: 'same-origin',
        cache: 'no-store',
        signal: attempt.signal,
      });
      if (response.status === 401 && token === sessionToken()) {
        dropSession(true);
        return false;
      }
      if (!response.ok || !response.body) return false;
      opened = true;
      // Without a place to resume at, whatever was read before this moment may be old.
      const isFirst = this.#lastId === '';
      this.#setState('live');
      if (isFirst) this.#publish({ kind: 'reset', ref: '' }, '');
      const parser = new EventParser((event) => {
        const { kind, ref } = JSON.parse(event.data) as Partial<LiveEvent>;
        // Some events have no number: the place to go on from stays.
        this.#lastId = event.id || this.#lastId;
        this.#publish({ kind: kind ?? event.type, ref: ref ?? '' }, this.#lastId);
      });
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (;;) {
        const { value, done } = await reader.read();
        if (done) return opened;
        clearTimeout(silence);
        silence = setTimeout(abort, SILENCE_MS);
        parser.push(value);
      }
    } catch {
      return opened;
    } finally {
      clearTimeout(silence);
      signal.removeEventListener('abort', abort);
    }
  }

  #pause(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        this.#wake = undefined;
        resolve();
      };
      const timer = setTimeout(done, ms * (0.75 + Math.random() / 2));
      signal.addEventListener('abort', done);
      this.#wake = done;
    });
  }

  #publish(event: LiveEvent, id: string): void {
    this.#channel?.postMessage({ type: 'event', event, id } satisfies Message);
    this.#emit(event);
  }

  #emit(event: LiveEvent): void {
    for (const listener of this.#events) listener(event);
  }

  #tellState(): void {
    this.#channel?.postMessage({ type: 'state', state: this.#state, id: this.#lastId } satisfies Message);
  }

  #setState(state: LiveState): void {
    if (this.#state === state) return;
    this.#state = state;
    if (this.#isLeader) this.#tellState();
    for (const listener of this.#states) listener(state);
  }
}

export const live = new Live();
