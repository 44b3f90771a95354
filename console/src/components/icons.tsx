import type { ReactNode } from 'react';

/** Line icons on a grid of 24, drawn for this console. Decorative: words stand beside them. */
export interface IconProps {
  size?: number;
  className?: string | undefined;
}
export type Icon = (props: IconProps) => ReactNode;

export function icon(drawing: ReactNode): Icon {
  return function Drawn({ size = 16, className }: IconProps) {
    return (
      <svg
        width={size}
        height={size}
        viewBox="0 0 24 24"
        fill="none"
        stroke="currentColor"
        strokeWidth={1.9}
        strokeLinecap="round"
        strokeLinejoin="round"
        aria-hidden="true"
        focusable="false"
        className={className}
      >
        {drawing}
      </svg>
    );
  };
}

export const CheckCircle = icon(
  <>
    <circle cx="12" cy="12" r="9" />
    <path d="m8 12.3 2.7 2.7L16 9.5" />
  </>,
);
export const ShieldLock = icon(
  <>
    <path d="M12 3 5 5.7v5.6c0 4.4 2.9 7.8 7 9.7 4.1-1.9 7-5.3 7-9.7V5.7L12 3Z" />
    <path d="M9.3 11.5h5.4v4H9.3zM10.4 11.5v-1.2a1.6 1.6 0 0 1 3.2 0v1.2" />
  </>,
);
export const XOctagon = icon(
  <>
    <path d="M8.3 3h7.4L21 8.3v7.4L15.7 21H8.3L3 15.7V8.3L8.3 3Z" />
    <path d="m9.3 9.3 5.4 5.4m0-5.4-5.4 5.4" />
  </>,
);
export const Clock = icon(
  <>
    <circle cx="12" cy="12" r="9" />
    <path d="M12 7v5l3.2 2" />
  </>,
);
export const ClockOff = icon(
  <>
    <path d="M5.6 5.6a9 9 0 0 0 12.8 12.8M8.5 3.7a9 9 0 0 1 11.8 11.8" />
    <path d="M12 7v2.5M3 3l18 18" />
  </>,
);
export const Slash = icon(
  <>
    <circle cx="12" cy="12" r="9" />
    <path d="m5.8 5.8 12.4 12.4" />
  </>,
);
export const Play = icon(
  <>
    <circle cx="12" cy="12" r="9" />
    <path d="m10.2 8.6 5.2 3.4-5.2 3.4V8.6Z" />
  </>,
);
export const Warning = icon(
  <>
    <path d="M12 4 2.8 19.5h18.4L12 4Z" />
    <path d="M12 10v4.2M12 16.9v.1" />
  </>,
);
export const Question = icon(
  <>
    <circle cx="12" cy="12" r="9" />
    <path d="M9.6 9.5a2.4 2.4 0 1 1 3.4 2.2c-.7.3-1 .8-1 1.5v.3M12 16.4v.1" />
  </>,
);
export const Home = icon(<path d="m4 11 8-7 8 7v8.5h-5.5v-5h-5v5H4V11Z" />);
export const Inbox = icon(
  <>
    <path d="M4 13.5 6.5 5h11l2.5 8.5V19H4v-5.5Z" />
    <path d="M4 13.5h4.5l1.2 2.3h4.6l1.2-2.3H20" />
  </>,
);
export const Tools = icon(
  <path d="M14.5 6.2a4 4 0 0 1 5-1l-2.7 2.7.3 2 2 .3 1.6-1.6a4 4 0 0 1-5.6 4.5l-6.6 6.6a1.9 1.9 0 0 1-2.7-2.7l6.6-6.6a4 4 0 0 1 2.1-4.2Z" />,
);
export const Robot = icon(
  <>
    <rect x="4.5" y="8" width="15" height="11" rx="3" />
    <path d="M12 8V4.5M9 12.7v1.1M15 12.7v1.1M9.7 16.4h4.6M2.5 12.5v3M21.5 12.5v3" />
  </>,
);
export const List = icon(<path d="M9 6.5h11M9 12h11M9 17.5h11M4.5 6.5h.1M4.5 12h.1M4.5 17.5h.1" />);
export const People = icon(
  <>
    <circle cx="9" cy="8.5" r="3.2" />
    <path d="M3 19c.4-3.3 2.8-5 6-5s5.6 1.7 6 5M15.5 5.6a3.2 3.2 0 0 1 0 5.8M17.5 14.4c2 .7 3.2 2.3 3.5 4.6" />
  </>,
);
export const Gear = icon(
  <>
    <circle cx="12" cy="12" r="3" />
    <path d="M12 3.500v2.300M12 18.200v2.300M3.5 12h2.300M18.2 12h2.300M6 6l1.6 1.600M16.4 16.4 18 18M18 6l-1.6 1.600M7.6 16.4 6 18" />
  </>,
);
export const Sun = icon(
  <>
    <circle cx="12" cy="12" r="4" />
    <path d="M12 2.500v2M12 19.500v2M2.5 12h2M19.5 12h2M5.3 5.300l1.4 1.400M17.3 17.300l1.4 1.400M18.7 5.300l-1.4 1.400M6.7 17.300l-1.4 1.4" />
  </>,
);
export const Moon = icon(<path d="M19.5 14.500A8 8 0 0 1 9.5 4.500a8 8 0 1 0 10 10Z" />);
export const SignOut = icon(<path d="M10 4H5v16h5M15 8l4 4-4 4M19 12H9.5" />);
export const Copy = icon(
  <>
    <rect x="8.5" y="8.5" width="11" height="11" rx="2" />
    <path d="M15.5 8.500v-2a2 2 0 0 0-2-2h-7a2 2 0 0 0-2 2v7a2 2 0 0 0 2 2h2" />
  </>,
);
export const Check = icon(<path d="m5 12.5 4.5 4.500L19 7.5" />);
export const Close = icon(<path d="m6 6 12 12M18 6 6 18" />);
export const ChevronRight = icon(<path d="m9 5.5 6.5 6.500L9 18.5" />);
export const ChevronLeft = icon(<path d="M15 5.5 8.5 12l6.5 6.5" />);
export const Keyboard = icon(
  <>
    <rect x="2.5" y="6" width="19" height="12" rx="2" />
    <path d="M6.5 10h.1M10 10h.1M13.5 10h.1M17 10h.1M8 14h8" />
  </>,
);
export const Terminal = icon(
  <>
    <rect x="3" y="4.5" width="18" height="15" rx="2" />
    <path d="m7 9.5 3 2.5-3 2.500M12.5 15h4" />
  </>,
);
export const Bolt = icon(<path d="M13 3 5.5 13.500H11L10.5 21 18 10.500h-5.500L13 3Z" />);
export const Dot = icon(<circle cx="12" cy="12" r="4" fill="currentColor" stroke="none" />);
