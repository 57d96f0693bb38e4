/** `v1beta2` as [2, 1, 2]: a stable version before a beta, a beta before an alpha, and the higher number first. */
function rankOf(apiVersion: string): readonly [stage: number, major: number, minor: number] {
  const [, major, stage, minor] = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(apiVersion.split('/').at(-1) ?? '') ?? [];
  if (major === undefined) return [0, 0, 0];
  return [{ alpha: 1, beta: 2 }[stage ?? ''] ?? 3, Number(major), Number(minor ?? 0)];
}

/** Newest first, as Kubernetes orders them (its "version priority", CustomResourceDefinitionSpec.versions). */
export function newestFirst(apiVersions: readonly string[]): string[] {
  return [...apiVersions].sort((a, b) => {
    const [x, y] = [rankOf(a), rankOf(b)];
    return y[0] - x[0] || y[1] - x[1] || y[2] - x[2] || (a < b ? -1 : 1);
  });
}
