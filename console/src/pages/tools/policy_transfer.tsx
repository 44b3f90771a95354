import { Button, Modal } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { exportPolicy } from '#api/access_queries.ts';
import { me } from '#api/queries.ts';
import { Download, Upload } from '#components/icons_tools.tsx';
import { PolicyDocument } from '#components/policy_document.tsx';
import { save } from '#components/save_file.ts';
import { toast } from '#components/toasts.tsx';

/** The rules as a document: into a file, and back. */
export function TransferButtons({ onImport }: { onImport: () => void }) {
  const { data: who } = useQuery(me());
  const toFile = async () => {
    try {
      const { document, version } = await exportPolicy();
      save(document, `policy-${version}.yaml`);
    } catch (problem) {
      toast(problem instanceof Error ? problem.message : 'The policy could not be read.', 'problem');
    }
  };
  return (
    <>
      <Button variant="default" leftSection={<Download />} onClick={() => void toFile()}>
        Export
      </Button>
      {who?.permissions.includes('configure_policy') === true && (
        <Button variant="default" leftSection={<Upload />} onClick={onImport}>
          Import
        </Button>
      )}
    </>
  );
}

/** Nothing changes before its difference was shown. */
export function ImportDialog({ onClose }: { onClose: () => void }) {
  const isPhone = useMediaQuery('(max-width: 767px)', false, { getInitialValueInEffect: false });
  return (
    <Modal opened size={760} fullScreen={isPhone} title="Import rules" onClose={onClose} closeOnClickOutside={false}>
      <PolicyDocument draft={{ text: '' }} mayApply prune="ask" onApplied={onClose} />
    </Modal>
  );
}
