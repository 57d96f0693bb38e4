module.exports = async () => {
  globalThis.eventStoreDbDouble?.kill('SIGTERM');
};
