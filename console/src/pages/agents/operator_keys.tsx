import { Button } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { keys, people, type ApiKey } from '#api/access_queries.ts';
import { api, type Schemas } from '#api/client.ts';
import { me } from '#api/queries.ts';
import { CodeBlock } from '#components/code_block.tsx';
import { ConfirmDialog } from '#components/confirm_dialog.tsx';
import { CopyOnce } from '#components/copy_once.tsx';
import { DataTable, type Column } from '#components/data_table.tsx';
import { EmptyState } from '#components/empty_state.tsx';
import { ErrorPanel } from '#components/error_panel.tsx';
import { Terminal } from '#components/icons.tsx';
import { Panel } from '#components/panel.tsx';
import { withPassword } from '#components/reauthenticate.tsx';
import { SafeText } from '#components/safe_text.tsx';
import { LineSkeletons } from '#components/skeletons.tsx';
import { RelativeTime } from '#components/times.tsx';
import { toast } from '#components/toasts.tsx';
import classes from './agents_page.module.css';
import { NewKeyDialog, SCOPE_WORDS } from './new_key_dialog.tsx';
import { isLive } from './key_state.ts';

/** Keys of people: for programs that speak REST in their name. */
export function OperatorKeys() {
  const { data: who } = useQuery(me());
  const { data: known } = useQuery(people());
  const { data, error, refetch } = useQuery(keys());
  const [isAdding, setAdding] = useState(false);
  const [issued, setIssued] = useState<Schemas['IssuedKey']>();
  const [revoking, setRevoking] = useState<ApiKey>();
  const mayAdd = who?.permissions.includes('manage_own_keys') ?? false;
  if (!data) {
    return error ? <ErrorPanel error={error} onRetry={() => void refetch()} /> : <LineSkeletons count={4} height={52} />;
  }
  const shown = data.filter((key) => key.class === 'operator' && isLive(key));
  const columns: readonly Column<ApiKey>[] = [
    {
      title: 'Key',
      isMain: true,
      cell: (key) => (
        <span className={classes.row}>
          <SafeText text={key.name} />
          <span className={classes.second}>
            {key.person_id === who?.person.id ? (
              'yours'
            ) : (
              <>of <SafeText text={known?.find((one) => one.id === key.person_id)?.email ?? 'the data dir'} /></>
            )}
          </span>
        </span>
      ),
    },
    { title: 'May', cell: (key) => key.scopes.map((scope) => SCOPE_WORDS[scope].label.toLowerCase()).join(', ') },
    { title: 'Last used', cell: (key) => (key.last_used_at ? <RelativeTime at={key.last_used_at} /> : <span className={classes.quiet}>never</span>) },
    { title: 'Ends', cell: (key) => (key.expires_at ? <RelativeTime at={key.expires_at} /> : <span className={classes.quiet}>when revoked</span>) },
    {
      title: 'Actions',
      isAction: true,
      align: 'right',
      cell: (key) =>
        mayRevoke(key, who) && (
          <Button variant="default" size="xs" onClick={() => setRevoking(key)}>
            Revoke<span className="visually-hidden"> {key.name}</span>
          </Button>
        ),
    },
  ];
  return (
    <>
      <Panel
        flush
        title="Operator keys"
        actions={
          mayAdd && shown.length > 0 && (
            <Button size="xs" onClick={() => setAdding(true)}>
              New key
            </Button>
          )
        }
      >
        {shown.length === 0 ? (
          <EmptyState icon={Terminal} title="No operator keys">
            One lets a program use REST or the command line in your name, as far as you say.
            {mayAdd && (
              <div className={classes.next}>
                <Button onClick={() => setAdding(true)}>New key</Button>
              </div>
            )}
          </EmptyState>
        ) : (
          <DataTable label="Operator keys" columns={columns} rows={shown} rowKey={(key) => key.id} />
        )}
      </Panel>
      {isAdding && <NewKeyDialog onClose={() => setAdding(false)} onIssued={setIssued} />}
      {issued && (
        <CopyOnce title={`Operator key ${issued.name}`} secret={issued.key} onClose={() => setIssued(undefined)}>
          <p className={classes.quiet}>At a terminal:</p>
          <CodeBlock text={`export PRELOOP_URL=${location.origin}\nexport PRELOOP_TOKEN=${issued.key}\npreloop approvals pending`} />
        </CopyOnce>
      )}
      {revoking && <RevokeOperatorKey apiKey={revoking} onClose={() => setRevoking(undefined)} />}
    </>
  );
}

function mayRevoke(key: ApiKey, who: Schemas['Me'] | undefined): boolean {
  if (!who) return false;
  const isOwn = key.person_id === who.person.id;
  return who.permissions.includes('manage_keys') || (isOwn && who.permissions.includes('manage_own_keys'));
}

function RevokeOperatorKey({ apiKey, onClose }: { apiKey: ApiKey; onClose: () => void }) {
  const client = useQueryClient();
  const revoke = async () => {
    await withPassword(() => api.DELETE('/auth/api-keys/{id}', { params: { path: { id: apiKey.id } } }));
    await client.invalidateQueries({ queryKey: ['keys'] });
    toast(`The key ${apiKey.name} is revoked.`);
  };
  return (
    <ConfirmDialog title={`Revoke ${apiKey.name}?`} action="Revoke key" onConfirm={revoke} onClose={onClose}>
      Whatever uses it is refused at once, and its open streams end. It cannot be taken back.
    </ConfirmDialog>
  );
}
