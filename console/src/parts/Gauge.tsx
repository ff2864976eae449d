// How full something is, drawn as a bar of a hundred parts; whoever cannot see it is told the figures.

export function Gauge({ left, of, held = "0", label }: { left: string; of: string; held?: string; label: string }) {
  const whole = Number(of);
  const share = whole > 0 ? Math.min(100, Math.max(0, (Number(left) / whole) * 100)) : 0;
  const waiting = whole > 0 ? Math.min(100 - share, Math.max(0, (Number(held) / whole) * 100)) : 0;
  const look = share <= 0 ? "fill over" : share < 20 ? "fill low" : "fill";
  return (
    <svg className="gauge" viewBox="0 0 100 10" preserveAspectRatio="none" role="meter" aria-label={label} aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.round(share)}>
      <rect className={look} x="0" y="0" height="10" width={share} />
      {waiting > 0 && <rect className="held" x={share} y="0" height="10" width={waiting} />}
    </svg>
  );
}
