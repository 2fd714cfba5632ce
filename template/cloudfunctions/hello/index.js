exports.main = async () => ({ hello: 'world' });
