import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { EmptyState } from '#components/empty_state.tsx';
import { ErrorPanel } from '#components/error_panel.tsx';
import { Question } from '#components/icons.tsx';
import { usePageTitle } from '#components/page_header.tsx';

export function NotFound() {
  usePageTitle('Not found');
  return (
    <main>
      <EmptyState icon={Question} title="There is nothing at this address">
        <Button component={Link} to="/" variant="default" mt="sm">
          Go to the overview
        </Button>
      </EmptyState>
    </main>
  );
}

/** A page that broke: a bug, or a part of it that an older server does not have any more. */
export function PageError({ error }: { error: unknown }) {
  return <ErrorPanel error={error} onRetry={() => location.reload()} />;
}
