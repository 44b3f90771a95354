import { Gear, Home, Inbox, List, People, Robot, Tools, type Icon } from '#components/icons.tsx';

export interface Place {
  to: '/' | '/approvals' | '/tools' | '/audit' | '/agents' | '/people' | '/settings';
  label: string;
  icon: Icon;
  /** Shown only to those who have it (GET /auth/me); everybody without. */
  permission?: string;
  /** In the bar at the bottom of a phone; the others are behind "More". */
  isMain?: boolean;
}

/** In the order of how often people go there. */
export const places: readonly Place[] = [
  { to: '/', label: 'Overview', icon: Home, isMain: true },
  { to: '/approvals', label: 'Approvals', icon: Inbox, isMain: true },
  { to: '/tools', label: 'Tools', icon: Tools, isMain: true },
  { to: '/audit', label: 'Audit', icon: List, permission: 'read_audit' },
  { to: '/agents', label: 'Agents & keys', icon: Robot },
  { to: '/people', label: 'People', icon: People },
  { to: '/settings', label: 'Settings', icon: Gear },
];
