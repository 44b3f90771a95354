import { useQuery } from '@tanstack/react-query';
import { system } from '#api/access_queries.ts';
import { me, status } from '#api/queries.ts';
import { CodeBlock } from '#components/code_block.tsx';
import { Panel } from '#components/panel.tsx';
import classes from './settings.module.css';

/** Backups are made where the data is: with the command, not from a browser. */
export function Backup() {
  const { data: who } = useQuery(me());
  const { data: server } = useQuery(status());
  const seesAll = who?.permissions.includes('configure_account') ?? false;
  const { data: started } = useQuery({ ...system(), enabled: seesAll });
  const dir = started ? ` --data-dir ${quoted(started.data_dir)}` : '';
  if (server?.database.dialect === 'postgresql') {
    return (
      <Panel title="Backup">
        <p className={classes.text}>
          The data is in PostgreSQL: back it up with its own tools. Keep a copy of <code>keys/master.key</code> and{' '}
          <code>keys/audit.key</code> of the data dir apart from it; without the first nothing can be restored.
        </p>
      </Panel>
    );
  }
  return (
    <div className={classes.stack}>
      <Panel title="Make a backup">
        <p className={classes.text}>On the server, as its user or as root, while it runs:</p>
        <CodeBlock text={`preloop admin${dir} backup /backups/preloop.backup --with-keys`} label="Copy the command" />
        <p className={classes.text}>
          It asks for a passphrase for the keys. Forget it, and the file is worth nothing. It never replaces a file: give
          each backup a name of its own.
        </p>
      </Panel>
      <div className={classes.two}>
        <Panel title="What it contains">
          <ul className={classes.plain}>
            <li>people, agents, and hashes of keys</li>
            <li>servers, rules, workflows, every policy version</li>
            <li>approvals and the whole record</li>
            <li>secrets, encrypted</li>
          </ul>
        </Panel>
        <Panel title="What it does not, without --with-keys">
          <ul className={classes.plain}>
            <li>
              <code>keys/master.key</code>: without it nothing can be restored
            </li>
            <li>
              <code>keys/audit.key</code>: signs the record
            </li>
          </ul>
          <p className={classes.note}>Then keep a copy of both, apart from the backups.</p>
        </Panel>
      </div>
      <Panel title="Restore">
        <p className={classes.text}>With the server stopped; the data that was there is kept beside it:</p>
        <CodeBlock text={`preloop admin${dir} restore /backups/preloop.backup --replace`} label="Copy the command" />
      </Panel>
    </div>
  );
}

function quoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
