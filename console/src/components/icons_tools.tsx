import { icon } from './icons.tsx';

// Of the pages about tools and the record.
export const Plus = icon(<path d="M12 5v14M5 12h14" />);
export const Search = icon(
  <>
    <circle cx="11" cy="11" r="6.5" />
    <path d="m16 16 4.5 4.500" />
  </>,
);
export const Pencil = icon(<path d="m4.5 19.5.9-4L16 4.900a1.700 1.700 0 0 1 2.400 0l.7.7a1.700 1.700 0 0 1 0 2.400L8.500 18.600l-4 .9Z" />);
export const Trash = icon(<path d="M4.500 7h15M9.500 7V4.500h5V7M6.500 7l.8 12.500h9.400L17.500 7M10 10.500v5.500M14 10.500v5.500" />);
export const ArrowUp = icon(<path d="M12 19V5.500M6 11l6-6 6 6" />);
export const ArrowDown = icon(<path d="M12 5v13.500M6 13l6 6 6-6" />);
export const Refresh = icon(<path d="M19.500 11.500a7.600 7.600 0 1 0-1.400 5M19.500 5.500v6h-6" />);
export const ServerIcon = icon(
  <>
    <rect x="4" y="4.500" width="16" height="6.500" rx="1.500" />
    <rect x="4" y="13" width="16" height="6.500" rx="1.500" />
    <path d="M7.500 7.800h.1M7.500 16.300h.1" />
  </>,
);
export const Download = icon(<path d="M12 4v10.500M7 10l5 5 5-5M4.500 19.500h15" />);
export const ShieldCheck = icon(
  <>
    <path d="M12 3 5 5.700v5.600c0 4.400 2.900 7.800 7 9.700 4.100-1.900 7-5.300 7-9.700V5.700L12 3Z" />
    <path d="m9 11.800 2.200 2.200L15.200 10" />
  </>,
);
export const Grip = icon(<path d="M9 6h.1M15 6h.1M9 12h.1M15 12h.1M9 18h.1M15 18h.1" strokeWidth="2.6" />);
export const Upload = icon(<path d="M12 14.500V4M7 8.500l5-5 5 5M4.500 19.500h15" />);
