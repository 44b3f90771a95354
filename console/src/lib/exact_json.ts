/** A number that JavaScript would round: shown as it was sent. */
export class ExactNumber {
  readonly source: string;
  constructor(source: string) {
    this.source = source;
  }
  toString(): string {
    return this.source;
  }
}

interface ReviverContext {
  source?: string;
}

/**
 * JSON.parse that keeps numbers as they were written when they do not fit a double: somebody
 * approves an amount of 12345678901234567890, not of 12345678901234567000.
 */
export function parseExact(text: string): unknown {
  const reviver = (_key: string, value: unknown, context?: ReviverContext): unknown => {
    const source = context?.source;
    if (typeof value !== 'number' || source === undefined || String(value) === source) return value;
    return sameNumber(value, source) ? value : new ExactNumber(source);
  };
  return JSON.parse(text, reviver as (key: string, value: unknown) => unknown);
}

/** 1.0, 1e2 and 100.50 are spelled otherwise and lose nothing that matters to a reader. */
function sameNumber(value: number, source: string): boolean {
  return digits(String(value)) === digits(source);
}

function digits(text: string): string {
  const [mantissa = '', exponent = '0'] = text.toLowerCase().split('e');
  const [whole = '', fraction = ''] = mantissa.replace('-', '').split('.');
  const all = (whole + fraction).replace(/^0+/, '');
  const trimmed = all.replace(/0+$/, '');
  if (trimmed === '') return '0';
  return `${trimmed}@${Number(exponent) - fraction.length + (all.length - trimmed.length)}`;
}
