/** The mark and the name. */
export function Brand({ size = 24 }: { size?: number }) {
  return (
    <span style={{ display: 'inline-flex', alignItems: 'center', gap: 10, fontWeight: 650, fontSize: size * 0.68, letterSpacing: '-0.015em' }}>
      <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
        <rect width="32" height="32" rx="8" fill="#4353d6" />
        <path d="M9 10.5h9.5a5.5 5.5 0 0 1 0 11H14" fill="none" stroke="#fff" strokeWidth="3" strokeLinecap="round" />
        <circle cx="9.5" cy="21.5" r="2" fill="#fff" />
      </svg>
      Preloop
    </span>
  );
}
