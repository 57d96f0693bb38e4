import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type StartedKubernetes,
  installIstioCrds,
  serveCrdVersion,
  servedResources,
  startKubernetes,
} from '../../tools/servers/for-specs.js';
import { apply, kubectlOn, read } from './cluster.js';

const OF_WAYBILL = ['destinationrules', 'gateways', 'virtualservices'];
const CRD = 'virtualservices.networking.istio.io';

let cluster: StartedKubernetes;

beforeAll(async () => {
  cluster = await startKubernetes({ version: '1.24' });
});
afterAll(() => cluster?.stop());

const virtualService = (version: string, name: string): object => ({
  apiVersion: `networking.istio.io/${version}`,
  kind: 'VirtualService',
  metadata: { name, namespace: 'default' },
  spec: { hosts: ['web'], http: [{ route: [{ destination: { host: 'web' }, weight: 100 }] }] },
});

const served = async (version: string): Promise<string[]> =>
  (await servedResources(cluster, `networking.istio.io/${version}`)).filter((name) => !name.includes('/')).sort();

describe('the CRDs of Istio, on an old Kubernetes', () => {
  it('of 1.16 serve v1beta1 and v1alpha3 but no v1', async () => {
    await installIstioCrds(cluster, '1.16');
    expect(await served('v1')).toEqual([]);
    expect(await served('v1beta1')).toEqual(OF_WAYBILL);
    expect(await served('v1alpha3')).toEqual(OF_WAYBILL);
    await expect(apply(cluster, virtualService('v1', 'new'))).rejects.toThrow(/no matches for kind "VirtualService"/);
    await apply(cluster, virtualService('v1alpha3', 'old'));
  });

  it('of 1.30 over them serve v1 too, and what was there', async () => {
    await installIstioCrds(cluster, '1.30');
    expect(await served('v1')).toEqual(OF_WAYBILL);
    await apply(cluster, virtualService('v1', 'new'));
    const { items } = await read<{ items: { metadata: { name: string } }[] }>(
      cluster,
      '/apis/networking.istio.io/v1/namespaces/default/virtualservices',
    );
    expect(items.map(({ metadata }) => metadata.name)).toEqual(['new', 'old']);
  });

  it('no longer serve a version that is switched off, and do again', async () => {
    await serveCrdVersion(cluster, CRD, 'v1alpha3', false);
    expect(await served('v1alpha3')).toEqual(['destinationrules', 'gateways']);
    await expect(apply(cluster, virtualService('v1alpha3', 'old'))).rejects.toThrow(/no matches for kind|NotFound/);
    expect(await kubectlOn(cluster)(['get', CRD, '-o', 'name'])).toContain('/old\n');
    await serveCrdVersion(cluster, CRD, 'v1alpha3', true);
    await apply(cluster, virtualService('v1alpha3', 'old'));
    await expect(serveCrdVersion(cluster, CRD, 'v9', true)).rejects.toThrow(`${CRD} has no version v9`);
  });
});
