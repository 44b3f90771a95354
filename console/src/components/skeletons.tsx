import { Skeleton } from '@mantine/core';

/** Stands where lines will be, in their size, so that nothing jumps. */
export function LineSkeletons({ count = 3, height = 44 }: { count?: number; height?: number }) {
  return (
    <div role="status" aria-label="Loading">
      {Array.from({ length: count }, (_, place) => (
        <Skeleton key={place} height={height} mb={8} radius="md" />
      ))}
    </div>
  );
}
