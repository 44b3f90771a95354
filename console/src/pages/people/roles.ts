import type { Role } from '#api/access_queries.ts';

/** Least first: each may what those before it may. */
export const ROLES: readonly Role[] = ['viewer', 'member', 'approver', 'admin', 'owner'];

export const ROLE_WORDS: Record<Role, string> = {
  viewer: 'sees everything but the record',
  member: 'and makes agents of their own',
  approver: 'and decides on calls, reads the record',
  admin: 'and configures rules, servers, people, secrets',
  owner: 'and registers commands, makes owners',
};

/** Those that one may give: up to one's own. */
export function rolesUpTo(own: Role): Role[] {
  return ROLES.slice(0, ROLES.indexOf(own) + 1);
}

export function isAbove(role: Role, own: Role): boolean {
  return ROLES.indexOf(role) > ROLES.indexOf(own);
}
