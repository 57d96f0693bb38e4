import type { DesiredState } from '@waybill/channel';
import { type Analysis, type Directive, rolloutSteps } from '@waybill/domain';
import type { Progress } from '../../release-resource/release.js';

/** What is waited for after a step, before the next one. */
export interface Pause {
  /** Milliseconds from the step on; null until somebody promotes; 0 not at all. */
  readonly ms: number | null;
  readonly why: 'step' | 'preview';
  /** Has to pass as well. Decides the next shift: there is none after the last one. */
  readonly analysis?: Analysis;
}

export function pauseAfter({ strategy }: DesiredState, step: number): Pause {
  if (strategy.type === 'rolling') return { ms: 0, why: 'step' };
  const steps = rolloutSteps(strategy);
  const before = step === 0 ? undefined : steps[step - 1];
  const ms = before ? (before.pauseSeconds === null ? null : before.pauseSeconds * 1000) : 0;
  const { analysis } = strategy;
  const decides = step < steps.length && (strategy.type === 'blue-green' || step > 0);
  const analysed = analysis && decides ? { analysis } : {};
  if (strategy.type === 'blue-green' && step === 0) {
    return { ms: strategy.autoPromote ? 0 : null, why: 'preview', ...analysed };
  }
  return { ms, why: 'step', ...analysed };
}

/** What is to be done about a pause now. */
export type Held =
  /** Nothing waits: the next step. */
  | { readonly do: 'go' }
  /** It is over. */
  | { readonly do: 'resume'; readonly why: 'time' | 'directive' | 'analysis'; readonly progress: Progress }
  /** It begins, or goes on for another reason than before. */
  | { readonly do: 'pause'; readonly progress: Progress }
  /** A directive changed nothing: noted as seen. */
  | { readonly do: 'note'; readonly progress: Progress }
  | { readonly do: 'measure' }
  | { readonly do: 'wait'; readonly ms: number | null };

/** Pure: the same facts at the same time give the same answer, whoever asks. */
export function held(desired: DesiredState, progress: Progress, directive: Directive | undefined, now: number): Held {
  // A promote for the pause of a later step is kept until that begins.
  const due = directive !== undefined && !(forOneStep(directive) && directive.step > progress.step);
  const fresh = due && directive.seq > (progress.directive ?? 0);
  const seen = due ? { ...progress, directive: directive.seq } : progress;
  const { paused, ...unpaused } = seen;

  if (directive?.kind === 'pause') {
    if (paused?.why === 'directive') return { do: 'wait', ms: null };
    return { do: 'pause', progress: { ...seen, paused: { why: 'directive' } } };
  }
  // One that meant the pause of a step that is over ends no other: two people may promote the same one.
  const missed = due && forOneStep(directive) && directive.step < progress.step;
  if (fresh && directive.kind === 'promote' && !missed) {
    const over = { ...unpaused, passed: progress.step, ...(directive.full && { full: true }) };
    return paused ? { do: 'resume', why: 'directive', progress: over } : { do: 'note', progress: over };
  }
  if (paused?.why === 'directive') return { do: 'resume', why: 'directive', progress: unpaused };
  if (fresh) return { do: 'note', progress: seen };
  if (progress.passed === progress.step || (progress.full && progress.step < progress.of)) return { do: 'go' };

  const pause = pauseAfter(desired, progress.step);
  const since = Date.parse(progress.shiftedAt ?? progress.upAt!);
  const leftMs = pause.ms === null ? null : since + pause.ms - now;
  const timeIsOver = leftMs !== null && leftMs <= 0;
  const analysis = analysisOf(pause.analysis, progress, now);
  if (timeIsOver && analysis === 'over') {
    if (!paused) return { do: 'go' };
    const last = pause.analysis && Date.parse(progress.analysis!.at) >= since + (pause.ms ?? 0);
    return { do: 'resume', why: last ? 'analysis' : 'time', progress: { ...unpaused, passed: progress.step } };
  }
  const until = untilOf(pause, since);
  if (!paused || paused.why !== pause.why) {
    return { do: 'pause', progress: { ...seen, paused: { why: pause.why, ...(until !== undefined && { until }) } } };
  }
  if (analysis === 'due') return { do: 'measure' };
  const waits = [analysis === 'over' ? null : analysis, timeIsOver ? null : leftMs].filter((ms) => ms !== null);
  return { do: 'wait', ms: waits.length === 0 ? null : Math.min(...waits) };
}

const forOneStep = (directive: Directive): directive is Directive & { readonly step: number } =>
  directive.kind === 'promote' && !directive.full && directive.step !== undefined;

/** `over`, `due`, or milliseconds until the next measurement. */
function analysisOf(
  analysis: Analysis | undefined,
  { analysis: made }: Progress,
  now: number,
): 'over' | 'due' | number {
  if (!analysis || (made && made.made >= analysis.count)) return 'over';
  if (!made) return 'due';
  const leftMs = Date.parse(made.at) + analysis.intervalSeconds * 1000 - now;
  return leftMs <= 0 ? 'due' : leftMs;
}

/** When it ends by itself if all goes well; undefined when only a person ends it. */
function untilOf({ ms, analysis }: Pause, since: number): string | undefined {
  if (ms === null) return undefined;
  const analysed = analysis ? (analysis.count - 1) * analysis.intervalSeconds * 1000 : 0;
  return new Date(since + Math.max(ms, analysed)).toISOString();
}
