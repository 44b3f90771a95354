import { Button, Checkbox, TextInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { fetchWorkflow, putWorkflow, workflow as workflowQuery, type NewWorkflow, type WrittenWorkflow } from '#api/access_queries.ts';
import { isApiError, Refusal } from '#api/problem.ts';
import { ErrorPanel } from '#components/error_panel.tsx';
import { FormDialog } from '#components/form_dialog.tsx';
import { Plus } from '#components/icons_tools.tsx';
import { toast } from '#components/toasts.tsx';
import { ApproverList } from './approver_list.tsx';
import { EscalationPicture } from './escalation_picture.tsx';
import { SpanField } from './span_field.tsx';
import classes from './workflow_form.module.css';

/** What `default` is without one in the policy is also what a new one begins as. */
const BUILT_IN = 'default';

/** Adds a workflow, or changes the one of that name. */
export function WorkflowForm({ name, onClose }: { name: string | undefined; onClose: () => void }) {
  const { data, error } = useQuery(workflowQuery(name ?? BUILT_IN));
  if (error && !data) return <ErrorPanel error={error} />;
  return data ? <Form start={data} isNew={name === undefined} onClose={onClose} /> : null;
}

type Level = WrittenWorkflow['escalation'][number];

function Form({ start: first, isNew, onClose }: { start: WrittenWorkflow; isNew: boolean; onClose: () => void }) {
  const client = useQueryClient();
  // What the form was opened with: events must not change it under one's hands.
  const [start, setStart] = useState(first);
  const [name, setName] = useState(isNew ? '' : first.name);
  const [description, setDescription] = useState(isNew ? '' : first.description);
  const [approvers, setApprovers] = useState<readonly string[]>(isNew ? [] : first.approvers);
  const [quorum, setQuorum] = useState(String(isNew ? 1 : first.quorum));
  const [timeout, setTimeout] = useState(isNew ? 300 : first.timeout);
  const [validFor, setValidFor] = useState(isNew ? 900 : first.approval_valid_for);
  const [needsReason, setNeedsReason] = useState(!isNew && first.require_reason);
  const [isWithoutOwner, setWithoutOwner] = useState(!isNew && first.exclude_agent_owner);
  const [countsDeclines, setCountsDeclines] = useState(!isNew && first.decline === 'arithmetic');
  const [isAsync, setAsync] = useState(!isNew && first.mode === 'async');
  const [levels, setLevels] = useState<readonly Level[]>(isNew ? [] : first.escalation);

  const save = async () => {
    const next: NewWorkflow = {
      description,
      approvers: [...approvers],
      quorum: Number(quorum),
      timeout,
      approval_valid_for: validFor,
      require_reason: needsReason,
      exclude_agent_owner: isWithoutOwner,
      alternatives: isNew ? [] : start.alternatives,
      decline: countsDeclines ? 'arithmetic' : 'veto',
      escalation: levels.map((level) => ({ ...level, approvers: [...level.approvers] })),
      mode: isAsync ? 'async' : 'hold',
    };
    const wrong = problemOf(next);
    if (wrong !== undefined) throw new Refusal(wrong);
    await change(name.trim(), isNew, start, next, setStart);
    await client.invalidateQueries({ queryKey: ['workflows'] });
    toast(isNew ? `Added the workflow ${name.trim()}` : `Changed the workflow ${name}`);
  };
  const setLevel = (place: number, part: Partial<Level>) => setLevels(levels.map((level, at) => (at === place ? { ...level, ...part } : level)));
  return (
    <FormDialog title={isNew ? 'Add a workflow' : `Change ${first.name}`} action={isNew ? 'Add workflow' : 'Save workflow'} onSubmit={save} onClose={onClose} size="lg" about={first.built_in && !isNew ? 'It is built in. Saved, it becomes part of the policy.' : undefined}>
      {isNew && (
        <TextInput label="Name" description="Rules name it: letters, digits, dots, dashes" data-autofocus required withAsterisk={false} maxLength={64} value={name} onChange={(event) => setName(event.currentTarget.value)} />
      )}
      <TextInput label="Description" maxLength={1024} value={description} onChange={(event) => setDescription(event.currentTarget.value)} />
      <ApproverList label="Who is asked" value={approvers} teams={first.teams} onChange={setApprovers} whenEmpty="Nobody in particular: everybody with the role approver or more." />
      <TextInput label="Approvals needed" description="Of different people" inputMode="numeric" value={quorum} onChange={(event) => setQuorum(event.currentTarget.value)} />
      <SpanField label="A call waits for" description="Then it is refused" value={timeout} onChange={setTimeout} />
      <SpanField label="An approval stays valid for" description="When the agent has left meanwhile and calls again" value={validFor} onChange={setValidFor} />
      <Checkbox label="A comment is required" checked={needsReason} onChange={(event) => setNeedsReason(event.currentTarget.checked)} />
      <Checkbox label="The agent’s owner cannot decide" checked={isWithoutOwner} onChange={(event) => setWithoutOwner(event.currentTarget.checked)} />
      <Checkbox label="A decline counts against the quorum" description="Otherwise one decline declines" checked={countsDeclines} onChange={(event) => setCountsDeclines(event.currentTarget.checked)} />
      <Checkbox label="The agent does not wait" description="It is told at once, and makes the same call again to learn the outcome" checked={isAsync} onChange={(event) => setAsync(event.currentTarget.checked)} />
      <fieldset className={classes.levels}>
        <legend className={classes.label}>When nobody answers</legend>
        {levels.length > 0 && <EscalationPicture timeout={timeout} approvers={approvers} levels={levels} />}
        {levels.map((level, place) => (
          <div key={place} className={classes.level} role="group" aria-label={`Step ${place + 1}`}>
            <SpanField label="After" value={level.after} onChange={(after) => setLevel(place, { after })} />
            <ApproverList label={`Then ask, step ${place + 1}`} value={level.approvers} teams={first.teams} onChange={(next) => setLevel(place, { approvers: next })} />
            <SpanField label="They have" value={level.timeout} onChange={(next) => setLevel(place, { timeout: next })} />
            <div>
              <Button variant="default" size="xs" onClick={() => setLevels(levels.toSpliced(place, 1))}>
                Remove step {place + 1}
              </Button>
            </div>
          </div>
        ))}
        <div>
          <Button variant="default" size="xs" leftSection={<Plus />} onClick={() => setLevels([...levels, { after: Number.isNaN(timeout) ? 300 : timeout, approvers: ['owner'], timeout: 300 }])}>
            Add a step
          </Button>
        </div>
      </fieldset>
    </FormDialog>
  );
}

/** The contract's limits in words; what else is wrong the server says. */
function problemOf({ quorum, timeout, approval_valid_for, escalation }: NewWorkflow): string | undefined {
  const isWhole = (value: number | undefined, least: number, most: number) => value !== undefined && Number.isInteger(value) && value >= least && value <= most;
  if (!isWhole(quorum, 1, 10)) return 'Approvals needed: a number from 1 to 10.';
  if (!isWhole(timeout, 1, 2_592_000)) return 'A call waits for 1 second to 30 days.';
  if (!isWhole(approval_valid_for, 0, 86_400)) return 'An approval stays valid for a day at most.';
  if (escalation?.some(({ after, timeout: theirs }) => !isWhole(after, 1, 2_592_000) || !isWhole(theirs, 1, 2_592_000))) return 'A step has 1 second to 30 days.';
  if (escalation?.some(({ approvers }) => approvers.length === 0)) return 'A step asks somebody: add whom.';
  return undefined;
}

/**
 * The version counts for the whole policy: when only something else in it changed, it is tried again
 * on what is there now. When this workflow changed, the person sees so first.
 */
async function change(name: string, isNew: boolean, based: WrittenWorkflow, next: NewWorkflow, onConflict: (now: WrittenWorkflow) => void): Promise<void> {
  if (isNew) {
    const there = await fetchWorkflow(name).catch((error: unknown) => {
      if (isApiError(error, 404)) return undefined;
      throw error;
    });
    if (there && !there.built_in) throw new Refusal(`There is a workflow ${name} already.`);
  }
  try {
    return await putWorkflow(name, next, based.etag);
  } catch (error) {
    if (!isApiError(error, 412)) throw error;
  }
  const now = await fetchWorkflow(isNew ? BUILT_IN : name);
  const text = ({ etag: _, policy_version: __, ...rest }: WrittenWorkflow) => JSON.stringify(rest);
  if (!isNew && text(now) !== text(based)) {
    onConflict(now);
    throw new Refusal('Somebody else changed this workflow meanwhile. What you wrote is kept here; save again to put it in place of theirs.');
  }
  await putWorkflow(name, next, now.etag);
}
