/**
 * This browser's half of the console session. The other half is an HttpOnly cookie; cookies do not
 * know ports, local storage does, so the server wants both.
 */
const KEY = 'preloop-session';

type Listener = (session: { isSignedIn: boolean; hasEnded: boolean }) => void;
const listeners = new Set<Listener>();

export function sessionToken(): string | null {
  return localStorage.getItem(KEY);
}

export function isSignedIn(): boolean {
  return sessionToken() !== null;
}

export function keepSession(token: string): void {
  localStorage.setItem(KEY, token);
  tell(false);
}

/** `hasEnded`: not because the person wanted it. */
export function dropSession(hasEnded: boolean): void {
  if (!isSignedIn()) return;
  localStorage.removeItem(KEY);
  tell(hasEnded);
}

/** Also when another tab signs in or out. */
export function onSessionChange(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function tell(hasEnded: boolean): void {
  for (const listener of listeners) listener({ isSignedIn: isSignedIn(), hasEnded });
}

addEventListener('storage', (event) => {
  if (event.key === KEY || event.key === null) tell(false);
});
