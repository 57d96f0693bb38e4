import { describe, expect, it } from '@jest/globals';
import { connectCluster } from './connect.js';

describe('connectCluster', () => {
  it('refuses a missing kubeconfig', async () => {
    await expect(connectCluster({ kubeconfig: '/nowhere' })).rejects.toMatchObject({ code: 'CONFIGURATION' });
  });
});
