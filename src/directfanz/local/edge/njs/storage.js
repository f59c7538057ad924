// Reads objects for the edge: which object a path means, and AWS Signature Version 4 with a key that only the edge has.

const MAX_KEY_BYTES = 1024;
const NO_BODY = 'UNSIGNED-PAYLOAD';

// `/bucket/key`, encoded as it is signed; empty when the path means no object. Never a bucket itself, which would be a list.
function object(r) {
    let path;
    try {
        path = decodeURIComponent(r.variables.request_uri.replace(/\?.*$/, ''));
    } catch (error) {
        return '';
    }
    const prefix = r.variables.edge_prefix;
    const key = path.startsWith(prefix) ? path.slice(prefix.length) : '';
    if (!key || key.endsWith('/') || Buffer.from(key).length > MAX_KEY_BYTES || /[\x00-\x1f\x7f]/.test(key)) {
        return '';
    }
    return `/${r.variables.edge_bucket}/${key.split('/').map(encoded).join('/')}`;
}

function encoded(part) {
    return encodeURIComponent(part).replace(/[!'()*]/g, (c) => '%' + c.charCodeAt(0).toString(16).toUpperCase());
}

// The name under which a browser saves the file: S3's own word for it in a signed address, else what the store says.
function disposition(r) {
    const asked = /(?:^|&)response-content-disposition=([^&]*)/.exec(r.variables.args || '');
    const stored = r.variables.upstream_http_content_disposition || '';
    if (!asked) {
        return stored;
    }
    try {
        const words = decodeURIComponent(asked[1]);
        return /[^\x20-\x7e]/.test(words) ? stored : words;
    } catch (error) {
        return stored;
    }
}

function date(r) {
    return new Date().toISOString().replace(/[-:]|\.[0-9]+/g, '');
}

function authorization(r) {
    const store = known.storage, moment = r.variables.storage_date, day = moment.slice(0, 8);
    const scope = `${day}/${store.region}/s3/aws4_request`;
    const names = 'host;x-amz-content-sha256;x-amz-date';
    const headers = `host:${store.host}\nx-amz-content-sha256:${NO_BODY}\nx-amz-date:${moment}\n`;
    const request = [r.variables.edge_method, r.variables.storage_object, '', headers, names, NO_BODY].join('\n');
    const crypto = require('crypto');
    const text = ['AWS4-HMAC-SHA256', moment, scope, crypto.createHash('sha256').update(request).digest('hex')].join('\n');
    const hmac = (key, data) => crypto.createHmac('sha256', key).update(data);
    let key = 'AWS4' + store.secretKey;
    [day, store.region, 's3', 'aws4_request'].forEach((part) => {
        key = hmac(key, part).digest();
    });
    const signature = hmac(key, text).digest('hex');
    return `AWS4-HMAC-SHA256 Credential=${store.accessKey}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
}

export default {object, disposition, date, authorization};
