import { useEffect, useState } from 'preact/hooks';

/** The time in the local WeChat, in milliseconds, drawn anew each second. */
export function useNow(aheadMs: number): number {
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((count) => count + 1), 1000);
    return () => clearInterval(timer);
  }, []);
  return Date.now() + aheadMs;
}
