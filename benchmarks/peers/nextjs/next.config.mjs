export default { compress: false, poweredByHeader: false, serverExternalPackages: ['pg', 'ioredis', '@node-rs/argon2'] };
