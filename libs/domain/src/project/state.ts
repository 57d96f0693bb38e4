import { assertNever } from '@waybill/kernel';
import type { RulePreset } from '../rules/presets.js';
import type { BranchRule } from '../rules/rule.js';
import type { ProjectEvent } from './events.js';
import type { BusinessMetadata, DeveloperMetadata, DevopsMetadata } from './metadata.js';

/** A project as its events tell it. Sections are null until they are first submitted. */
export interface ProjectState {
  readonly registered: boolean;
  /** Empty until registered. */
  readonly name: string;
  readonly developer: DeveloperMetadata | null;
  readonly business: BusinessMetadata | null;
  readonly devops: DevopsMetadata | null;
  /** In their order; empty until first defined. */
  readonly rules: readonly BranchRule[];
  /** The preset that the rules are, unchanged; null for rules of one's own. */
  readonly preset: RulePreset | null;
}

export const initialProjectState: ProjectState = {
  registered: false,
  name: '',
  developer: null,
  business: null,
  devops: null,
  rules: [],
  preset: null,
};

export function evolveProject(state: ProjectState, event: ProjectEvent): ProjectState {
  switch (event.type) {
    case 'ProjectRegistered':
      return { ...state, registered: true, name: event.data.name };
    case 'DeveloperMetadataSubmitted':
      return { ...state, developer: event.data.metadata };
    case 'BusinessMetadataSubmitted':
      return { ...state, business: event.data.metadata };
    case 'DevopsMetadataSubmitted':
      return { ...state, devops: event.data.metadata };
    case 'BranchRulesDefined':
      return { ...state, rules: event.data.rules, preset: event.data.preset };
    case 'BranchDeleted':
      return state;
    default:
      return assertNever(event);
  }
}
