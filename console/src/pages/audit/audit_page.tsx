import { useQuery } from '@tanstack/react-query';
import { Link, useSearch } from '@tanstack/react-router';
import { me } from '#api/queries.ts';
import { EmptyState } from '#components/empty_state.tsx';
import { List } from '#components/icons.tsx';
import { PageHeader } from '#components/page_header.tsx';
import { Panel } from '#components/panel.tsx';
import { LineSkeletons } from '#components/skeletons.tsx';
import classes from './audit_page.module.css';
import { RecordList } from './record_list.tsx';
import { VerifyTab } from './verify_tab.tsx';

/** What happened, and how one can be sure of it. */
export function AuditPage() {
  const { tab, ...filter } = useSearch({ from: '/shell/audit' });
  const { data: who } = useQuery(me());
  const isVerify = tab === 'verify';
  return (
    <>
      <PageHeader title="Audit" about="What was decided and done, in a record that nobody changes unseen." />
      {who && !who.permissions.includes('read_audit') ? (
        <Panel>
          <EmptyState icon={List} title="The record is not for your role">
            Approvers, admins and owners read it. What you were asked yourself is under Approvals.
          </EmptyState>
        </Panel>
      ) : (
        <>
          <nav className={classes.tabs} aria-label="Audit">
            <Link to="/audit" search={filter} className={classes.tab} data-selected={!isVerify} aria-current={isVerify ? undefined : 'page'}>
              Timeline
            </Link>
            <Link to="/audit" search={{ ...filter, tab: 'verify' }} className={classes.tab} data-selected={isVerify} aria-current={isVerify ? 'page' : undefined}>
              Verify and export
            </Link>
          </nav>
          {!who ? <LineSkeletons count={8} /> : isVerify ? <VerifyTab filter={filter} mayExport={who.permissions.includes('audit_export')} /> : <RecordList filter={filter} />}
        </>
      )}
    </>
  );
}
