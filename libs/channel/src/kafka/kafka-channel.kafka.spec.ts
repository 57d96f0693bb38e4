import { channelContract } from '../testing/channel-contract.js';
import { openChannel, ownAddress } from './testing/broker.js';

channelContract('Kafka', () => {
  const address = ownAddress();
  return Promise.resolve({
    open: () => Promise.resolve(openChannel(address)),
    dispose: () => Promise.resolve(),
  });
});
