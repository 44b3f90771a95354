import type { ApiKey } from '#api/access_queries.ts';
import { serverNow } from '#api/clock.ts';

/** Neither revoked nor over. */
export function isLive(key: ApiKey): boolean {
  return key.revoked_at === null && (key.expires_at === null || Date.parse(key.expires_at) > serverNow());
}
