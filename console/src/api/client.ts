import createClient from 'openapi-fetch';
import { noteServerTime } from './clock.ts';
import { errorOf, unreachable } from './problem.ts';
import type { components, paths } from './schema.ts';
import { dropSession, sessionToken } from './session.ts';

export type Schemas = components['schemas'];

/** Here 401 says that the password is wrong, not that the session is over. */
const ANSWERS_FOR_A_PASSWORD = ['/auth/reauthenticate', '/auth/password'];

/**
 * REST, typed by the contract. Answers that are not 2xx are thrown as `ApiError`; the server's 401
 * for a session that we thought was good ends it here too.
 */
export const api = createClient<paths>({ baseUrl: '/api/v1', credentials: 'same-origin' });

api.use({
  onRequest({ request }) {
    const token = sessionToken();
    if (token) request.headers.set('X-Preloop-Session', token);
    return request;
  },
  async onResponse({ request, response }) {
    noteServerTime(response.headers.get('Date'));
    if (response.ok) return;
    const [, path = ''] = request.url.split('/api/v1');
    const used = ANSWERS_FOR_A_PASSWORD.includes(path) ? null : request.headers.get('X-Preloop-Session');
    if (response.status === 401 && used !== null && used === sessionToken()) dropSession(true);
    throw await errorOf(response);
  },
  onError({ error }) {
    return error instanceof DOMException && error.name === 'AbortError' ? error : unreachable();
  },
});

/** The body of an answer that has one. */
export async function body<T>(answer: Promise<{ data?: T }>): Promise<T> {
  const { data } = await answer;
  if (data === undefined) throw unreachable();
  return data;
}
