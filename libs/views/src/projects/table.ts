import type { BranchRule, BusinessMetadata, DeveloperMetadata, DevopsMetadata } from '@waybill/domain';
import { defineTable, integer, json, optionalInteger, optionalJson, optionalOneOf, text } from '../table.js';

export const projectTable = defineTable({
  name: 'projects',
  key: 'key',
  columns: {
    key: text(),
    name: text(),
    /** Key and name in lower case: what `search` looks in. */
    searchText: text(),
    registeredAt: text(),
    developer: optionalJson<DeveloperMetadata>(),
    business: optionalJson<BusinessMetadata>(),
    devops: optionalJson<DevopsMetadata>(),
    /** Revision of the project stream at which metadata was submitted last; null before. */
    metadataRevision: optionalInteger(),
    preset: optionalOneOf<'gitflow' | 'trunk'>(),
    rules: json<readonly BranchRule[]>(),
    rulesRevision: optionalInteger(),
    revision: integer(),
  },
});
