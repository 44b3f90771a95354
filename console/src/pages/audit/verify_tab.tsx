import { Button, Checkbox } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { exportRecord, heads as headsQuery, type RecordFilter } from '#api/audit_queries.ts';
import { status } from '#api/queries.ts';
import { CodeBlock } from '#components/code_block.tsx';
import { DataTable, type Column } from '#components/data_table.tsx';
import { ErrorPanel } from '#components/error_panel.tsx';
import { Download, ShieldCheck } from '#components/icons_tools.tsx';
import { Panel } from '#components/panel.tsx';
import { LineSkeletons } from '#components/skeletons.tsx';
import { StatusBadge } from '#components/status_badge.tsx';
import { RelativeTime } from '#components/times.tsx';
import { toast } from '#components/toasts.tsx';
import { verifySignature } from '#lib/signatures.ts';
import { headText, verifyExport, type ExportReport } from '#lib/verify_export.ts';
import type { Schemas } from '#api/client.ts';
import classes from './verify_tab.module.css';

type Head = Schemas['HeadList']['items'][number];
type Key = Schemas['HeadList']['keys'][number];

const SHOWN = 8;

/** How one can be sure of the record: here, and without this server. */
export function VerifyTab({ filter, mayExport }: { filter: RecordFilter; mayExport: boolean }) {
  const { data, error, refetch } = useQuery(headsQuery());
  return (
    <div className={classes.grid}>
      <div className={classes.column}>
        {mayExport ? <CheckHere /> : <p className={classes.muted}>Exporting and checking the whole record needs the role admin.</p>}
        <Panel title="Signed ends of the chains" flush>
          {data ? <Heads heads={data.items} keys={data.keys} /> : <div className={classes.pad}>{error ? <ErrorPanel error={error} onRetry={() => void refetch()} /> : <LineSkeletons count={3} />}</div>}
        </Panel>
      </div>
      <div className={classes.column}>
        {mayExport && <Export filter={filter} />}
        <Panel title="Verify without this server">
          <div className={classes.steps}>
            <p>An export is checked by any copy of Preloop, without a server and without a network.</p>
            <CodeBlock text={'preloop audit export record.jsonl --payloads\npreloop audit verify record.jsonl'} label="Copy the commands" />
            <p>
              Exit code 0: intact. 1: tampered. 3: incomplete. Whoever runs the server could sign another history; note the key once, keep it elsewhere, and name it:
            </p>
            <CodeBlock text={`preloop audit verify record.jsonl --trusted-key ${data?.keys.at(-1)?.id ?? 'KEY'}`} label="Copy the command" />
            {data && data.keys.length > 1 && <p className={classes.muted}>The key was rotated: {data.keys.length} keys, each endorsed by the one before it.</p>}
          </div>
        </Panel>
      </div>
    </div>
  );
}

/** The browser reads an export and does the arithmetic itself. */
function CheckHere() {
  const client = useQueryClient();
  const [withContents, setContents] = useState(false);
  const check = useMutation({
    mutationFn: async () => verifyExport(await (await exportRecord({}, withContents)).text()),
    // An export signs the ends.
    onSuccess: () => void client.invalidateQueries({ queryKey: headsQuery().queryKey }),
  });
  const canCheck = globalThis.crypto?.subtle !== undefined;
  return (
    <Panel title="Check the record here">
      <div className={classes.steps}>
        <p>
          Your browser reads the whole record and checks it itself: that each record names the one before it, each chain the one before it, and that ends and keys are signed. That the record was read is recorded.
        </p>
        <Checkbox
          label="Arguments, results and comments too"
          description="Your browser reads them and compares each with what its record commits to."
          disabled={!canCheck}
          checked={withContents}
          onChange={(event) => setContents(event.currentTarget.checked)}
        />
        {!canCheck && <p className={classes.muted}>Browsers do this over https or on the server’s own machine only.</p>}
        {check.data && <Report report={check.data} />}
        {check.error && <ErrorPanel error={check.error} />}
        <div>
          <Button leftSection={<ShieldCheck />} loading={check.isPending} disabled={!canCheck} onClick={() => check.mutate()}>
            {check.data ? 'Check again' : 'Check the record'}
          </Button>
        </div>
      </div>
    </Panel>
  );
}

function Report({ report }: { report: ExportReport }) {
  const { verdict } = report;
  return (
    <div className={classes.report} role="status" data-verdict={verdict}>
      <StatusBadge
        status={verdict === 'intact' ? 'succeeded' : verdict === 'tampered' ? 'failed' : 'unknown'}
        label={verdict === 'intact' ? 'Intact' : verdict === 'tampered' ? 'Tampered' : 'Incomplete'}
      />
      <p>
        {report.records.toLocaleString('en')} records in {report.chains === 1 ? 'one chain' : `${report.chains} chains`}, {report.heads} signed {report.heads === 1 ? 'end' : 'ends'}, key{' '}
        <code className={classes.code}>{report.keys.join(', ')}</code>.
      </p>
      <p className={classes.muted}>{contentsWords(report)} Whose key it is, this server cannot tell you: compare it with one you noted elsewhere.</p>
      {report.findings.length > 0 && (
        <ul className={classes.findings}>
          {report.findings.map((finding) => (
            <li key={finding}>{finding}</li>
          ))}
        </ul>
      )}
    </div>
  );
}

function contentsWords({ contents, masked }: ExportReport): string {
  if (contents + masked === 0) return 'Arguments, results and comments were not part of this check.';
  const checked = `${contents.toLocaleString('en')} of ${(contents + masked).toLocaleString('en')} contents are what their records commit to`;
  return masked === 0 ? `${checked}.` : `${checked}; the others are masked or erased and cannot be compared.`;
}

function Heads({ heads, keys }: { heads: readonly Head[]; keys: readonly Key[] }) {
  const { data: server } = useQuery(status());
  const shown = heads.toSorted((a, b) => b.at.localeCompare(a.at)).slice(0, SHOWN);
  if (shown.length === 0) return <p className={classes.none}>None kept yet: they are signed each hour and when the server stops. An export brings its own.</p>;
  const columns: readonly Column<Head>[] = [
    {
      title: 'Chain',
      isMain: true,
      cell: (head) => (
        <code className={classes.code} title={head.hash}>
          {head.chain.slice(0, 8)} up to {head.seq.toLocaleString('en')}
        </code>
      ),
    },
    { title: 'Signed', cell: (head) => <RelativeTime at={head.at} /> },
    { title: 'Key', isMinor: true, cell: (head) => <code className={classes.code}>{head.key_id}</code> },
    { title: 'Signature', align: 'right', cell: (head) => <Signature head={head} publicKey={keys.find((key) => key.id === head.key_id)?.public_key} account={server?.account} /> },
  ];
  return (
    <>
      <DataTable label="Signed ends of the chains" columns={columns} rows={shown} rowKey={(head) => `${head.chain}/${head.seq}/${head.purpose}`} />
      {heads.length > shown.length && <p className={classes.none}>The newest {shown.length} of {heads.length}; the others are in the export.</p>}
    </>
  );
}

/** Checked in the browser, with the public key. */
function Signature({ head, publicKey, account }: { head: Head; publicKey: string | undefined; account: string | undefined }) {
  const { data: isGood } = useQuery({
    queryKey: ['signature', head.signature, account],
    queryFn: () => verifySignature(publicKey ?? '', head.signature, headText({ ...head, account: account ?? '' })),
    enabled: account !== undefined,
  });
  if (globalThis.crypto?.subtle === undefined) return <span className={classes.muted}>not checked</span>;
  if (isGood === undefined) return <span className={classes.muted}>…</span>;
  return isGood ? <StatusBadge status="succeeded" label="Fits" /> : <StatusBadge status="failed" label="Does not fit" />;
}

function Export({ filter }: { filter: RecordFilter }) {
  const [withContents, setContents] = useState(false);
  const isLimited = filter.since !== undefined || filter.from !== undefined || filter.until !== undefined;
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: () => exportRecord(filter, withContents),
    onSuccess: (blob) => {
      const link = document.createElement('a');
      link.href = URL.createObjectURL(blob);
      link.download = 'record.jsonl';
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
      toast('Exported as record.jsonl');
      void client.invalidateQueries({ queryKey: headsQuery().queryKey });
    },
  });
  return (
    <Panel title="Export">
      <div className={classes.steps}>
        <p>
          {isLimited ? 'The time that is chosen in the timeline' : 'The whole record'} as JSON lines, signed at its end. Other filters do not apply: a chain with gaps proves nothing.
        </p>
        <Checkbox
          label="With arguments, results and comments"
          description="As they were kept: secrets and the like are masked."
          checked={withContents}
          onChange={(event) => setContents(event.currentTarget.checked)}
        />
        {save.error && <ErrorPanel error={save.error} />}
        <div>
          <Button variant="default" leftSection={<Download />} loading={save.isPending} onClick={() => save.mutate()}>
            Export
          </Button>
        </div>
      </div>
    </Panel>
  );
}
