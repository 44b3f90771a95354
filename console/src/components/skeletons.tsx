import classes from './skeletons.module.css';

/** Stands where lines will be, in their size, so that nothing jumps. */
export function LineSkeletons({ count = 3, height = 44 }: { count?: number; height?: number }) {
  return (
    <div role="status" aria-label="Loading">
      {Array.from({ length: count }, (_, place) => (
        <div key={place} className={classes.line} style={{ height }} />
      ))}
    </div>
  );
}
