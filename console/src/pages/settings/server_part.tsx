import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { system } from '#api/access_queries.ts';
import type { Schemas } from '#api/client.ts';
import { me, servers, status } from '#api/queries.ts';
import { ErrorPanel, sentence } from '#components/error_panel.tsx';
import { Fact, Facts } from '#components/facts.tsx';
import { Panel } from '#components/panel.tsx';
import { SafeText } from '#components/safe_text.tsx';
import { LineSkeletons } from '#components/skeletons.tsx';
import { StatusBadge, type Status as Badge } from '#components/status_badge.tsx';
import { RelativeTime } from '#components/times.tsx';
import { duration } from '#lib/time.ts';
import classes from './settings.module.css';

export function ServerPart() {
  const { data: who } = useQuery(me());
  const { data, error, refetch } = useQuery(status());
  if (!data) {
    return error ? <ErrorPanel error={error} onRetry={() => void refetch()} /> : <LineSkeletons count={6} height={32} />;
  }
  const seesAll = who?.permissions.includes('configure_account') ?? false;
  return (
    <div className={classes.columns}>
      <Health status={data} />
      <div className={classes.stack}>
        <Panel title="Server">
          <Facts>
            <Fact name="Preloop">{data.version}</Fact>
            <Fact name="Address">
              <code className={classes.code}>{location.origin}</code>
            </Fact>
            <Fact name="For agents">
              <code className={classes.code}>{location.origin}/mcp/v1</code>
            </Fact>
            <Fact name="Database">{data.database.dialect === 'sqlite' ? 'SQLite in the data dir' : 'PostgreSQL'}</Fact>
            <Fact name="Policy">version {data.policy_version}</Fact>
            <Fact name="Account">
              <code className={classes.code}>{data.account}</code>
            </Fact>
          </Facts>
        </Panel>
        {seesAll ? <Started /> : <p className={classes.note}>Admins see how the server was started, too.</p>}
      </div>
    </div>
  );
}

/** How the server was started; changed with its flags or its file. */
function Started() {
  const { data, error, refetch } = useQuery(system());
  return (
    <Panel title="How it was started">
      {data ? (
        <>
          <Facts>
            <Fact name="Up since">
              <RelativeTime at={data.started_at} />
            </Fact>
            <Fact name="Listening on">
              {data.listen.map((address) => (
                <code key={address} className={classes.line}>
                  {address}
                  {data.tls ? ' (TLS)' : ''}
                </code>
              ))}
            </Fact>
            <Fact name="Public address">
              <code className={classes.code}>
                <SafeText text={data.public_url} />
              </code>
            </Fact>
            <Fact name="Data dir">
              <code className={classes.code}>
                <SafeText text={data.data_dir} />
              </code>
            </Fact>
            <Fact name="I/O threads">{data.io_threads}</Fact>
            <Fact name="Record kept">{data.retention_days === 0 ? 'for ever' : duration(data.retention_days * 86_400)}</Fact>
            <Fact name="Disk quota">
              {data.disk_quota_bytes === 0 ? 'none, only the disk’s end' : `${(data.disk_quota_bytes / 1_048_576).toLocaleString('en')} MiB`}
            </Fact>
            <Fact name="Commands">{data.allow_stdio ? 'owners may register some as MCP servers' : 'cannot be registered over REST'}</Fact>
          </Facts>
          <p className={classes.note}>
            These come from flags, environment or the configuration file: <code>preloop serve --print-config</code> shows from where.
          </p>
        </>
      ) : error ? (
        <ErrorPanel error={error} onRetry={() => void refetch()} />
      ) : (
        <LineSkeletons count={5} height={24} />
      )}
    </Panel>
  );
}

function Health({ status: now }: { status: Schemas['Status'] }) {
  const { data: known } = useQuery(servers());
  const down = known?.filter((one) => one.status === 'failed') ?? [];
  const connecting = known?.filter((one) => one.status === 'connecting') ?? [];
  return (
    <Panel title="Health" flush>
      <ul className={classes.checks}>
        <Check
          badge={now.database.writable ? 'ready' : 'failed'}
          label={now.database.writable ? 'Writable' : 'Not writable'}
          name="Database"
          todo={
            now.database.writable ? undefined : (
              <>
                <SafeText text={sentence(now.database.problem ?? 'it cannot write')} /> Until it can, every call is refused: free
                space on its disk or raise the quota; it goes on by itself.
              </>
            )
          }
        />
        {down.map((one) => (
          <Check
            key={one.id}
            badge="failed"
            label="Down"
            name={<>MCP server <SafeText text={one.name} /></>}
            todo={
              <>
                <SafeText text={sentence(one.last_error || 'it does not answer')} /> It is tried again with growing pauses; other
                servers are not affected. Check its address or command.
              </>
            }
          />
        ))}
        {connecting.map((one) => (
          <Check key={one.id} badge="connecting" name={<>MCP server <SafeText text={one.name} /></>} />
        ))}
        {down.length === 0 && connecting.length === 0 && (
          <Check
            badge="ready"
            label={now.servers.total === 0 ? 'None' : `${now.servers.ready} of ${now.servers.total} ready`}
            name="MCP servers"
            todo={now.servers.total === 0 ? 'Agents find no tools yet: add a server.' : undefined}
          />
        )}
        <Check
          badge={now.pending_approvals > 0 ? 'pending' : 'ready'}
          label={now.pending_approvals > 0 ? `${now.pending_approvals} waiting` : 'None waiting'}
          name="Approvals"
          todo={now.pending_approvals > 0 ? <Link to="/approvals">Decide on them</Link> : undefined}
        />
        {location.protocol === 'http:' && !isLoopback(location.hostname) && (
          <Check
            badge="failed"
            label="Not encrypted"
            name="Connection"
            todo="Passwords and keys cross the network readable. Start the server with --tls-cert and --tls-key, or put it behind a proxy that has TLS."
          />
        )}
      </ul>
    </Panel>
  );
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || host.startsWith('127.');
}

function Check({ badge, label, name, todo }: { badge: Badge; label?: string; name: ReactNode; todo?: ReactNode }) {
  return (
    <li className={classes.check}>
      <span className={classes.checkLine}>
        <span>{name}</span>
        <StatusBadge status={badge} {...(label ? { label } : {})} />
      </span>
      {todo !== undefined && <span className={classes.todo}>{todo}</span>}
    </li>
  );
}
