import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useEffectEvent, useState } from 'react';
import { exportPolicy, policyVersion } from '#api/access_queries.ts';
import { me, status } from '#api/queries.ts';
import { Panel } from '#components/panel.tsx';
import { toast } from '#components/toasts.tsx';
import { readPlace, ruleLine } from '#lib/policy_place.ts';
import type { Draft } from '#components/policy_document.tsx';
import { save } from '#components/save_file.ts';
import { Import } from './policy_import.tsx';
import { Versions } from './policy_versions.tsx';
import classes from './settings.module.css';

/** The rules as a document: out, in, and what was in force before. `rule` is one to go to. */
export function Policy({ rule }: { rule: string | undefined }) {
  const { data: who } = useQuery(me());
  const { data: server } = useQuery(status());
  const mayApply = who?.permissions.includes('configure_policy') ?? false;
  const [draft, setDraft] = useState<Draft & { id: number }>({ id: 0, text: '' });

  const trying = async (deed: () => Promise<void>) => {
    try {
      await deed();
    } catch (problem) {
      toast(problem instanceof Error ? problem.message : 'The document could not be read.', 'problem');
    }
  };
  const begin = (next: Draft) => setDraft((before) => ({ ...next, id: before.id + 1 }));
  const edit = async (at?: string) => {
    const { document } = await exportPolicy();
    const place = at === undefined ? undefined : readPlace(at);
    const line = place && ruleLine(document, place);
    begin({ text: document, ...(line === undefined ? {} : { line }) });
  };
  const goToRule = useEffectEvent((at: string) => void trying(() => edit(at)));
  useEffect(() => {
    if (rule !== undefined) goToRule(rule);
  }, [rule]);

  const putBack = (number: number) =>
    trying(async () => {
      const { document = '' } = await policyVersion(number);
      begin({ text: document, comment: `Back to version ${number}`, isToBeChecked: true });
    });
  const saveFile = async () => {
    const { document, version } = await exportPolicy();
    save(document, `policy-${version}.yaml`);
  };
  return (
    <div className={classes.stack}>
      <Panel
        title={server ? `In force: version ${server.policy_version}` : 'In force'}
        actions={
          <span className={classes.buttons}>
            {mayApply && (
              <Button size="xs" variant="default" onClick={() => void trying(() => edit())}>
                Edit
              </Button>
            )}
            <Button size="xs" variant="default" onClick={() => void trying(saveFile)}>
              Export
            </Button>
          </span>
        }
      >
        <p className={classes.text}>
          Rules, workflows, servers and defaults in one YAML document, to keep in git. Importing an export changes nothing;
          secrets are named in it, never contained.
        </p>
      </Panel>
      <Import key={draft.id} draft={draft} mayApply={mayApply} />
      <Versions {...(mayApply ? { onPutBack: putBack } : {})} />
    </div>
  );
}
