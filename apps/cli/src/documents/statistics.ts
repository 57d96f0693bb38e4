import type { IncidentVersion } from './incidents.js';

export interface Durations {
  readonly count: number;
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
}
export interface StatisticsRow {
  readonly keys: readonly {
    readonly by: string;
    readonly value: string | null;
    readonly principal: { readonly name: string | null; readonly login: string | null } | null;
  }[];
  readonly values: readonly {
    readonly measure: string;
    readonly value: number | null;
    readonly durations: Durations | null;
  }[];
}

export const STATISTICS = `
  query Statistics($input: StatisticsInput!) {
    statistics(input: $input) {
      from
      to
      timeZone
      totalRows
      rows { ...row }
      total { ...row }
    }
  }
  fragment row on StatisticsRow {
    keys { by value principal { name login } }
    values { measure value durations { count mean p50 p90 p99 } }
  }
`;
export interface StatisticsAnswer {
  readonly statistics: {
    readonly from: string;
    readonly to: string;
    readonly timeZone: string;
    readonly totalRows: number;
    readonly rows: readonly StatisticsRow[];
    readonly total: StatisticsRow;
  };
}

export interface DoraNumber {
  readonly value: number | null;
  readonly rating: string | null;
  readonly inferred: number;
  readonly evidence: {
    readonly totalCount: number;
    readonly nodes: readonly {
      readonly at: string;
      readonly value: number;
      readonly inferred: boolean;
      readonly events: readonly string[];
      readonly release: { readonly id: string } | null;
      readonly incident: { readonly id: string } | null;
    }[];
  };
}
export interface DoraMetric {
  readonly metric: string;
  readonly unit: string;
  readonly words: string;
  readonly asKnown: DoraNumber;
  readonly asRecorded: DoraNumber;
}

export const DORA = `
  query Dora($input: DoraInput, $evidence: Int) {
    dora(input: $input) {
      definition { name title source metrics { metric defined } }
      from
      to
      timeZone
      metrics { metric unit words asKnown { ...number } asRecorded { ...number } }
      corrections { incident type recordedAt eventId position openedAt resolvedAt cause fixedBy dismissed reason }
    }
  }
  fragment number on DoraNumber {
    value
    rating
    inferred
    evidence(first: $evidence) {
      totalCount
      nodes { at value inferred events release { id } incident { id } }
    }
  }
`;
export interface DoraAnswer {
  readonly dora: {
    readonly definition: {
      readonly name: string;
      readonly title: string;
      readonly source: string;
      readonly metrics: readonly { readonly metric: string; readonly defined: boolean }[];
    };
    readonly from: string;
    readonly to: string;
    readonly timeZone: string;
    readonly metrics: readonly DoraMetric[];
    readonly corrections: readonly IncidentVersion[];
  };
}

export const DORA_DEFINITIONS = `
  query DoraDefinitions {
    doraDefinitions { name title source metrics { metric unit words defined } }
  }
`;
export interface DoraDefinitionsAnswer {
  readonly doraDefinitions: readonly {
    readonly name: string;
    readonly title: string;
    readonly source: string;
    readonly metrics: readonly {
      readonly metric: string;
      readonly unit: string;
      readonly words: string;
      readonly defined: boolean;
    }[];
  }[];
}
