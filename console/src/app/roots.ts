/**
 * The first segments of the console's addresses. The server answers these with the console, and
 * 404 to everything else it does not know; scripts/bundle.mjs compiles the list in.
 */
export const consoleRoots = [
  '',
  'setup',
  'reset',
  'sign-in',
  'login',
  'approvals',
  'approval',
  'tools',
  'audit',
  'agents',
  'people',
  'settings',
] as const;
