import { assertNever } from '@waybill/kernel';
import type { Projection } from '../projection.js';
import { projectTable } from './table.js';

export const projectProjection: Projection = {
  name: 'projects',
  version: 1,
  tables: [projectTable],
  on: {
    project: {
      touches(event, announce) {
        announce(projectTable, event.data.project);
      },
      project(event, rows) {
        const projects = rows.of(projectTable);
        const { revision } = event;
        switch (event.type) {
          case 'ProjectRegistered': {
            const { project: key, name } = event.data;
            projects.put({
              key,
              name,
              searchText: `${key} ${name}`.toLowerCase(),
              registeredAt: event.recordedAt,
              developer: null,
              business: null,
              devops: null,
              metadataRevision: null,
              preset: null,
              rules: [],
              rulesRevision: null,
              revision,
            });
            return;
          }
          case 'DeveloperMetadataSubmitted': {
            const developer = event.data.metadata;
            projects.change(event.data.project, () => ({ developer, metadataRevision: revision, revision }));
            return;
          }
          case 'BusinessMetadataSubmitted': {
            const business = event.data.metadata;
            projects.change(event.data.project, () => ({ business, metadataRevision: revision, revision }));
            return;
          }
          case 'DevopsMetadataSubmitted': {
            const devops = event.data.metadata;
            projects.change(event.data.project, () => ({ devops, metadataRevision: revision, revision }));
            return;
          }
          case 'BranchRulesDefined': {
            const { preset, rules } = event.data;
            projects.change(event.data.project, () => ({ preset, rules, rulesRevision: revision, revision }));
            return;
          }
          case 'BranchDeleted':
            projects.change(event.data.project, () => ({ revision }));
            return;
          default:
            assertNever(event);
        }
      },
    },
  },
};
