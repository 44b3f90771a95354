import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useEffect } from 'react';
import { live } from '#api/live.ts';
import { EmptyState } from '#components/empty_state.tsx';
import { ErrorPanel } from '#components/error_panel.tsx';
import { Question } from '#components/icons.tsx';
import { usePageTitle } from '#components/page_header.tsx';

export function NotFound() {
  usePageTitle('Not found');
  return (
    <main>
      <EmptyState icon={Question} heading="h1" title="There is nothing at this address">
        <Button component={Link} to="/" variant="default" mt="sm">
          Go to the overview
        </Button>
      </EmptyState>
    </main>
  );
}

/** A part of the console did not come: the server was away, or has another console now. */
function isMissingPart(error: unknown): boolean {
  return error instanceof Error && /preload CSS|dynamically imported|importing a module/i.test(error.message);
}

/** A page that broke. One that only did not arrive is loaded again as soon as the server answers. */
export function PageError({ error }: { error: unknown }) {
  const isMissing = isMissingPart(error);
  useEffect(() => {
    if (!isMissing) return;
    return live.onState((state) => {
      if (state === 'live') location.reload();
    });
  }, [isMissing]);
  return (
    <ErrorPanel
      error={isMissing ? new Error('A part of it did not arrive from the server.') : error}
      onRetry={() => location.reload()}
    />
  );
}
