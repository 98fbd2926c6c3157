import { useSignal, type Signal } from '@preact/signals';
import type { RefObject } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { distance, END_PX, ScrollAttribution, type Position } from './attribution.ts';

export interface FollowEnd {
  /** The newest text is out of view. */
  readonly isAway: Signal<boolean>;
  readonly toEnd: () => void;
}

/** Keeps a scroller at its end while it grows, unless the person has scrolled away. */
export function useFollowEnd(scroller: RefObject<HTMLElement | null>, content: RefObject<HTMLElement | null>): FollowEnd {
  const isAway = useSignal(false);
  const toEnd = useRef(() => {});

  useLayoutEffect(() => {
    const element = scroller.current!;
    const attribution = new ScrollAttribution(positionOf(element));
    const report = () => {
      isAway.value = !attribution.isPinned && distance(positionOf(element)) > END_PX;
      // The browser's own anchoring holds the view while it is away, and would fight with following.
      element.classList.toggle('is-following', attribution.isPinned);
    };
    const follow = () => {
      element.scrollTop = element.scrollHeight;
      attribution.movedToEnd(positionOf(element));
    };
    const observe = () => {
      attribution.observe(positionOf(element));
      report();
    };
    const grow = () => {
      // A movement that has not been told by an event yet comes first.
      attribution.observe(positionOf(element));
      if (attribution.isPinned) follow();
      report();
    };
    const wheel = (event: WheelEvent) => {
      if (event.deltaY < 0 && !event.ctrlKey) attribution.wantUp(positionOf(element));
      report();
    };
    toEnd.current = () => {
      follow();
      report();
    };
    follow();
    report();

    const sizes = new ResizeObserver(grow);
    sizes.observe(element);
    sizes.observe(content.current!);
    element.addEventListener('scroll', observe, { passive: true });
    element.addEventListener('wheel', wheel, { passive: true });
    return () => {
      sizes.disconnect();
      element.removeEventListener('scroll', observe);
      element.removeEventListener('wheel', wheel);
    };
  }, []);

  return { isAway, toEnd: () => toEnd.current() };
}

function positionOf({ scrollTop, scrollHeight, clientHeight }: HTMLElement): Position {
  return { top: scrollTop, scrollHeight, clientHeight };
}
