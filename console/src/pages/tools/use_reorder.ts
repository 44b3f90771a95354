import { useRef, useState, type KeyboardEvent, type PointerEvent } from 'react';

/** What is being moved, and where it would come to stand. */
export interface Carried {
  from: number;
  to: number;
  by: 'pointer' | 'keys';
}

/**
 * Moves one of `count` rows by its handle: dragged with a pointer, or lifted with Space, carried with
 * the arrows, put down with Space or Enter, and given up with Escape. Rows have `data-order`, their
 * place among those that can be moved. Nothing moves before it is put down.
 */
export function useReorder(count: number, onMove: (from: number, to: number) => void, say: (words: string) => void) {
  const [carried, setCarried] = useState<Carried>();
  const list = useRef<HTMLOListElement>(null);

  /** The row that the pointer is nearest to. */
  const placeAt = (y: number): number => {
    const rows = [...(list.current?.querySelectorAll<HTMLElement>('[data-order]') ?? [])];
    const distances = rows.map((row) => {
      const { top, bottom } = row.getBoundingClientRect();
      return Math.abs(y - (top + bottom) / 2);
    });
    const nearest = distances.indexOf(Math.min(...distances));
    return Number(rows[nearest]?.dataset.order ?? 0);
  };
  const put = () => {
    if (carried && carried.from !== carried.to) onMove(carried.from, carried.to);
    setCarried(undefined);
  };
  const giveUp = () => setCarried(undefined);

  const handle = (place: number) => ({
    onPointerDown: (event: PointerEvent<HTMLElement>) => {
      if (event.button !== 0) return;
      event.currentTarget.setPointerCapture(event.pointerId);
      setCarried({ from: place, to: place, by: 'pointer' });
    },
    onPointerMove: (event: PointerEvent<HTMLElement>) => {
      if (carried?.by !== 'pointer' || carried.from !== place) return;
      const to = placeAt(event.clientY);
      if (to !== carried.to) setCarried({ ...carried, to });
    },
    onPointerUp: () => {
      if (carried?.by === 'pointer') put();
    },
    onPointerCancel: giveUp,
    onBlur: () => {
      if (carried?.by === 'keys') giveUp();
    },
    onKeyDown: (event: KeyboardEvent<HTMLElement>) => {
      const isLifted = carried?.by === 'keys' && carried.from === place;
      const step = event.key === 'ArrowUp' ? -1 : event.key === 'ArrowDown' ? 1 : 0;
      if (event.key === ' ' || event.key === 'Enter') {
        event.preventDefault();
        if (isLifted) {
          put();
        } else {
          setCarried({ from: place, to: place, by: 'keys' });
          say(`Lifted rule ${place + 1} of ${count}. Arrows move it, Space puts it down, Escape gives up.`);
        }
      } else if (isLifted && event.key === 'Escape') {
        event.preventDefault();
        event.stopPropagation();
        giveUp();
        say('Given up: the order is as it was.');
      } else if (isLifted && step !== 0) {
        event.preventDefault();
        const to = Math.min(Math.max(carried.to + step, 0), count - 1);
        setCarried({ ...carried, to });
        say(`Would be rule ${to + 1} of ${count}.`);
      }
    },
  });
  return { carried, list, handle };
}
