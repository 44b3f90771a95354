import { Panel } from '#components/panel.tsx';
import { PolicyDocument, type Draft } from '#components/policy_document.tsx';

/** A whole document: what it does not name goes. */
export function Import({ draft, mayApply }: { draft: Draft; mayApply: boolean }) {
  return (
    <Panel title={mayApply ? 'Import' : 'Check a document'}>
      <PolicyDocument draft={draft} mayApply={mayApply} prune="always" />
    </Panel>
  );
}
