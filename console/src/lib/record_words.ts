/** A record of the audit log as it is read (docs/formats/audit-record-v1.md). */
export interface AuditLine {
  id: string;
  chain: string;
  seq: number;
  at: string;
  kind: string;
  actor: { class: string; id?: string; name?: string };
  subject?: { kind?: string; id?: string };
  call?: string;
  approval?: string;
  agent?: string;
  server?: string;
  tool?: string;
  decision?: { action?: string; rule?: string; scope?: string; reason?: string };
  policy?: { generation: number; hash?: string };
  commitments?: Record<string, string>;
  details?: Record<string, unknown>;
}

/** Where a call is or ended, in the vocabulary of status. */
export type CallState =
  | 'allow'
  | 'deny'
  | 'pending'
  | 'approved'
  | 'declined'
  | 'expired'
  | 'cancelled'
  | 'executing'
  | 'succeeded'
  | 'failed'
  | 'unknown';

/** What is known of one call from those of its records that were read. */
export interface CallLine {
  call: string;
  /** When it was decided, or the oldest that is known. */
  at: string;
  agent: string;
  server: string;
  tool: string;
  state: CallState;
  decision: AuditLine['decision'];
  /** Who approved or declined. */
  people: string[];
}

export type TimelineItem = { type: 'call'; id: string; at: string; call: CallLine } | { type: 'record'; id: string; at: string; record: AuditLine };

/** Records, newest first, as a timeline: everything about one call is one item, where it began. */
export function timeline(records: readonly AuditLine[]): TimelineItem[] {
  const calls = new Map<string, AuditLine[]>();
  for (const record of records) {
    if (record.call === undefined) continue;
    const known = calls.get(record.call);
    if (known) known.push(record);
    else calls.set(record.call, [record]);
  }
  const items: TimelineItem[] = [];
  for (const record of records) {
    if (record.call === undefined) {
      items.push({ type: 'record', id: record.id, at: record.at, record });
      continue;
    }
    const all = calls.get(record.call) ?? [];
    if (all.at(-1) !== record) continue;
    items.push({ type: 'call', id: record.call, at: record.at, call: callLine(record.call, all) });
  }
  return items;
}

function callLine(call: string, newestFirst: readonly AuditLine[]): CallLine {
  const oldest = newestFirst.at(-1) as AuditLine;
  const decided = newestFirst.find((record) => record.kind === 'call.decided');
  const agent = newestFirst.find((record) => record.actor.class === 'agent')?.actor.name ?? '';
  const people = newestFirst.filter((record) => record.kind === 'approval.voted').map((record) => record.actor.name ?? '');
  return {
    call,
    at: oldest.at,
    agent,
    server: oldest.server ?? '',
    tool: oldest.tool ?? '',
    state: callState(newestFirst),
    decision: decided?.decision,
    people: [...new Set(people)].filter((name) => name !== ''),
  };
}

/** What the records of a call, in any order, say about where it is. */
export function callState(records: readonly AuditLine[]): CallState {
  const has = (kind: string) => records.find((record) => record.kind === kind);
  const completed = has('call.completed');
  if (completed) return completed.details?.outcome === 'succeeded' ? 'succeeded' : 'failed';
  if (has('call.unknown')) return 'unknown';
  if (has('call.cancelled')) return 'cancelled';
  if (has('call.dispatched')) return 'executing';
  if (has('approval.declined')) return 'declined';
  if (has('approval.expired')) return 'expired';
  if (has('approval.cancelled') || has('approval.superseded')) return 'cancelled';
  if (has('approval.approved')) return 'approved';
  const action = has('call.decided')?.decision?.action;
  if (action === 'deny') return 'deny';
  if (action === 'allow') return 'allow';
  return 'pending';
}

const REASONS: Record<string, string> = {
  rule: '',
  no_match: 'no rule fitted, so the policy’s default',
  unknown_tool: 'no rule names the tool, so the policy’s default',
  new_tool: 'the tool is new or changed',
  invalid_arguments: 'its arguments do not fit the schema',
};

/** "account rule 2 (bank/pay)", or why there was no rule. */
export function decisionWords(decision: AuditLine['decision']): string {
  if (!decision) return '';
  const [code = '', ...rest] = (decision.reason ?? '').split(': ');
  const more = rest.join(': ');
  if (decision.rule) return code === 'rule_error' ? `${decision.rule}, whose condition failed: ${more}` : decision.rule;
  return (REASONS[code] ?? code.replaceAll('_', ' ')) + (more ? `: ${more}` : '');
}

export function actorWords(actor: AuditLine['actor']): string {
  if (actor.name) return actor.name;
  switch (actor.class) {
    case 'system':
      return 'Preloop';
    case 'admin':
      return 'Whoever has the server’s data';
    case 'operator_key':
      return 'An operator key';
    case 'anonymous':
      return 'Somebody';
    default:
      return `A ${actor.class}`;
  }
}

const DEEDS: Record<string, string> = {
  'call.requested': 'asked for a call',
  'call.decided': 'called it; it was decided',
  'call.dispatched': 'sent to the server',
  'call.completed': 'answered',
  'call.cancelled': 'cancelled the call',
  'call.unknown': 'lost the answer',
  'call.released': 'let it be asked for again',
  'approval.created': 'waits for a person',
  'approval.voted': 'decided',
  'approval.approved': 'approved',
  'approval.declined': 'declined',
  'approval.expired': 'nobody decided in time',
  'approval.cancelled': 'cancelled',
  'approval.escalated': 'asked more people',
  'approval.superseded': 'replaced by a stricter rule',
  'approval.consumed': 'used the approval',
  'approval.revealed': 'saw the masked arguments',
  'approval.refused': 'was not let decide',
  'notification.sent': 'sent a message',
  'notification.failed': 'could not send a message',
  'config.policy_applied': 'changed the policy',
  'config.server_added': 'added a server',
  'config.server_updated': 'changed a server',
  'config.server_removed': 'removed a server',
  'config.tool_accepted': 'accepted tools',
  'config.tool_updated': 'changed a tool',
  'config.secret_set': 'set a secret',
  'config.secret_removed': 'removed a secret',
  'config.settings_changed': 'changed settings',
  'key.created': 'made a key',
  'key.revoked': 'revoked a key',
  'key.rotated': 'rotated a key',
  'agent.created': 'made an agent',
  'agent.updated': 'changed an agent',
  'agent.suspended': 'suspended an agent',
  'agent.resumed': 'let an agent go on',
  'agent.removed': 'removed an agent',
  'person.created': 'invited a person',
  'person.updated': 'changed a person',
  'person.disabled': 'disabled a person',
  'auth.signed_in': 'signed in',
  'auth.failed': 'failed to sign in',
  'auth.signed_out': 'signed out',
  'auth.locked': 'was locked out after wrong passwords',
  'auth.link_created': 'made a one-time link',
  'auth.link_used': 'used a one-time link',
  'auth.password_changed': 'changed the password',
  'auth.reauthenticated': 'entered the password again',
  'auth.login_confirmed': 'confirmed a terminal',
  'session.started': 'began a session',
  'session.ended': 'ended a session',
  'system.started': 'started',
  'system.stopped': 'stopped',
  'system.clock_jumped': 'saw the clock jump',
  'system.storage_level': 'reported the disk’s level',
  'system.halted': 'stopped everything',
  'system.resumed': 'let everything go on',
  'chain.opened': 'began a chain of records',
  'retention.applied': 'deleted old records as configured',
  'retention.payloads_erased': 'erased old contents as configured',
  'backup.created': 'made a backup',
  'restore.completed': 'restored a backup',
  'export.created': 'exported the record',
};

/** "changed the policy"; the kind itself for one we have no words for. */
export function deedWords(kind: string): string {
  return DEEDS[kind] ?? kind;
}

/** What a record is about, when it says so: a server's or a tool's name, an id otherwise. */
export function subjectWords(record: AuditLine): string {
  const details = record.details ?? {};
  for (const key of ['name', 'email', 'server', 'tool', 'version']) {
    const value = details[key];
    if (typeof value === 'string' && value !== '') return value;
    if (typeof value === 'number') return `${key} ${value}`;
  }
  return record.tool ?? record.server ?? '';
}

/** "0 ms", "12 ms", "3.4 s", "2 min": how long it took. */
export function tookWords(ms: number): string {
  if (!Number.isFinite(ms) || ms < 0) return '';
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  return `${Math.round(ms / 60_000)} min`;
}
