// Loaded with --import into a child that has an IPC channel: the channel closes however the parent ends, also by
// kill -9, and then the child ends too instead of keeping port and data folder. Ending at once is safe for both
// children: they are built to be killed at any moment.
process.once('disconnect', () => process.exit(1));
// The listener alone would keep a child that has nothing left to do from ending.
process.channel?.unref();
