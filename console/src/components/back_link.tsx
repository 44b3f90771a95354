import type { ReactNode } from 'react';
import classes from './back_link.module.css';
import { ChevronLeft } from './icons.tsx';

/** What a router's link to where one came from needs: `<Link to="/agents" {...backLink('Agents & keys')} />`. */
export function backLink(words: string): { className: string; children: ReactNode } {
  return {
    className: classes.back ?? '',
    children: (
      <>
        <ChevronLeft size={14} /> {words}
      </>
    ),
  };
}
