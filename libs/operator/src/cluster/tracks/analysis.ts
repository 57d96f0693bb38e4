import { type Analysis, type Observation, machineText } from '@waybill/domain';

export type Measured = Pick<Extract<Observation, { phase: 'analysed' }>, 'verdict' | 'value' | 'message'>;

/** Most bytes of an answer that are read: one sample is small. */
const MOST_BYTES = 1024 * 1024;

/** Makes one measurement. Never rejects unless the signal aborts: what cannot be asked is inconclusive. */
export async function measure(analysis: Analysis, signal: AbortSignal): Promise<Measured> {
  const timeout = AbortSignal.timeout(analysis.timeoutSeconds * 1000);
  const options = { signal: AbortSignal.any([signal, timeout]), redirect: 'manual' } as const;
  try {
    return analysis.type === 'http' ? await ofStatus(analysis, options) : await ofSample(analysis, options);
  } catch (error) {
    if (signal.aborted) throw error;
    const message = timeout.aborted ? `no answer within ${analysis.timeoutSeconds} s` : wordsOf(error);
    return { verdict: 'inconclusive', value: null, message: machineText(message) };
  }
}

type Of<Type extends Analysis['type']> = Extract<Analysis, { type: Type }>;

async function ofStatus({ url, expectStatus }: Of<'http'>, options: RequestInit): Promise<Measured> {
  const answer = await fetch(url, options);
  await answer.body?.cancel();
  const verdict = answer.status === expectStatus ? 'passed' : 'failed';
  return { verdict, value: answer.status, message: `answered ${answer.status}, wanted ${expectStatus}` };
}

/** https://prometheus.io/docs/prometheus/latest/querying/api/#instant-queries */
async function ofSample({ address, query, min, max }: Of<'prometheus'>, options: RequestInit): Promise<Measured> {
  const url = new URL(`${address.replace(/\/+$/, '')}/api/v1/query`);
  url.searchParams.set('query', query);
  const answer = await fetch(url, options);
  const text = await answer.text();
  if (text.length > MOST_BYTES) return unclear(`answered ${text.length} characters`);
  if (!answer.ok) return unclear(`answered ${answer.status}: ${text.slice(0, 200)}`);
  const sample = sampleOf(JSON.parse(text) as unknown);
  if (sample === undefined) return unclear('the query gave no single sample');
  const value = Number(sample);
  // A rate without traffic is NaN: it says nothing.
  if (!Number.isFinite(value)) return unclear(`the sample is ${sample}`);
  const told = exactly(value);
  if (max !== undefined && value > max) return { verdict: 'failed', value: told, message: `${value} is above ${max}` };
  if (min !== undefined && value < min) return { verdict: 'failed', value: told, message: `${value} is below ${min}` };
  return { verdict: 'passed', value: told, message: `${value}` };
}

/** Events hold no number above 2^53: there it stands in the words alone. */
const exactly = (value: number): number | null => (Math.abs(value) <= Number.MAX_SAFE_INTEGER ? value : null);

/** The value of a scalar, or of a vector of one. */
function sampleOf(answer: unknown): string | undefined {
  const { data } = answer as { data?: { resultType?: unknown; result?: unknown } };
  const { resultType, result } = data ?? {};
  if (!Array.isArray(result)) return undefined;
  if (resultType === 'scalar') return typeof result[1] === 'string' ? result[1] : undefined;
  if (resultType !== 'vector' || result.length !== 1) return undefined;
  const { value } = result[0] as { value?: unknown };
  return Array.isArray(value) && typeof value[1] === 'string' ? value[1] : undefined;
}

const unclear = (message: string): Measured => ({
  verdict: 'inconclusive',
  value: null,
  message: machineText(message),
});

/** undici says `fetch failed`; why stands in its cause. */
function wordsOf(error: unknown): string {
  const { message, cause } = error as { message?: string; cause?: { message?: string; code?: string } };
  return cause?.message || cause?.code || message || String(error);
}
