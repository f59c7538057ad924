// Opens a route to signed URLs and signed cookies in CloudFront's format, and says why it refuses.
//
// Only the check of the signature is remembered: key id, signature and the signed text have one answer for ever. What
// depends on the request - resource, time, address - is looked at every time, so nothing of it can go stale.

const PARAMETERS = ['Expires', 'Policy', 'Signature', 'Key-Pair-Id'];
const MAX_POLICY_CHARACTERS = 4096;

async function open(r) {
    let refusal;
    try {
        refusal = await refusalOf(r);
    } catch (error) {
        r.error(`signed: ${error}`);
        refusal = 'altered';
    }
    if (refusal) {
        r.variables.edge_refusal = refusal;
        r.return(403);
    }
}

async function refusalOf(r) {
    const ticket = ticketOf(r);
    if (ticket.refusal) {
        return ticket.refusal;
    }
    const key = known.keys[ticket.keyId];
    if (!key || !key.spki || !await isSigned(key, ticket)) {
        return 'altered';
    }
    return refusalOfPolicy(JSON.parse(ticket.policy), ticket.url, r.remoteAddress, Math.floor(Date.now() / 1000));
}

// What the client shows: the parameters of the URL or, when it has none, the cookies.
function ticketOf(r) {
    const address = split(r);
    const shown = Object.keys(address.signing).length ? address.signing : cookiesOf(r);
    const url = `${r.variables.scheme}://${r.headersIn['Host'] || ''}${address.target}`;
    if (address.twice || (shown['Policy'] && shown['Expires'])) {
        return {refusal: 'altered'};
    }
    if (!shown['Signature'] || !shown['Key-Pair-Id'] || !(shown['Policy'] || shown['Expires'])) {
        return {refusal: 'missing'};
    }
    const policy = shown['Policy'] ? policyIn(shown['Policy']) : canned(url, shown['Expires']);
    const signature = decode(shown['Signature']);
    if (policy === null || signature === null) {
        return {refusal: 'altered'};
    }
    return {policy, signature, url, keyId: shown['Key-Pair-Id']};
}

// The address without what signs it. The rest is signed, so it must stay as it was, in its order.
function split(r) {
    const uri = r.variables.request_uri, at = uri.indexOf('?');
    const path = at < 0 ? uri : uri.slice(0, at), parts = at < 0 ? [] : uri.slice(at + 1).split('&');
    const signing = {}, rest = [];
    let twice = false;
    for (let i = 0; i < parts.length; i++) {
        const equals = parts[i].indexOf('=');
        const name = equals < 0 ? parts[i] : parts[i].slice(0, equals);
        if (!PARAMETERS.includes(name)) {
            rest.push(parts[i]);
            continue;
        }
        twice = twice || name in signing;
        signing[name] = equals < 0 ? '' : parts[i].slice(equals + 1);
    }
    return {signing, twice, target: rest.length ? `${path}?${rest.join('&')}` : path};
}

function cookiesOf(r) {
    const found = {};
    const cookies = (r.headersIn['Cookie'] || '').split(';');
    for (let i = 0; i < cookies.length; i++) {
        const at = cookies[i].indexOf('=');
        const name = cookies[i].slice(0, at).trim();
        const parameter = name.slice('CloudFront-'.length);
        if (name.startsWith('CloudFront-') && PARAMETERS.includes(parameter) && !(parameter in found)) {
            found[parameter] = cookies[i].slice(at + 1).trim();
        }
    }
    return found;
}

function canned(url, expires) {
    if (!/^[0-9]{1,12}$/.test(expires)) {
        return null;
    }
    return `{"Statement":[{"Resource":"${url}","Condition":{"DateLessThan":{"AWS:EpochTime":${expires}}}}]}`;
}

function policyIn(text) {
    const bytes = text.length <= MAX_POLICY_CHARACTERS ? decode(text) : null;
    return bytes === null ? null : bytes.toString('utf8');
}

// Base64 with `+ = /` written as `- _ ~`, in its one spelling.
function decode(text) {
    if (!/^[A-Za-z0-9~-]+_{0,2}$/.test(text) || text.length % 4) {
        return null;
    }
    const plain = text.replace(/-/g, '+').replace(/_/g, '=').replace(/~/g, '/');
    const bytes = Buffer.from(plain, 'base64');
    return bytes.toString('base64') === plain ? bytes : null;
}

async function isSigned(key, ticket) {
    const memo = ngx.shared.edge_signed;
    const name = `${ticket.keyId}\n${ticket.signature.toString('base64')}\n${ticket.policy}`;
    if (memo.get(name)) {
        return true;
    }
    const good = await (key.kind === 'rsa' ? rsa(key, ticket) : ecdsa(key, ticket));
    if (good) {
        memo.set(name, 1);
    }
    return good;
}

async function rsa(key, ticket) {
    const how = {name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-1'};
    const imported = await crypto.subtle.importKey('spki', Buffer.from(key.spki, 'base64'), how, false, ['verify']);
    return crypto.subtle.verify(how, imported, ticket.signature, Buffer.from(ticket.policy));
}

async function ecdsa(key, ticket) {
    const pair = pairIn(ticket.signature);
    if (pair === null) {
        return false;
    }
    const how = {name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-1'};
    const imported = await crypto.subtle.importKey('spki', Buffer.from(key.spki, 'base64'), how, false, ['verify']);
    return crypto.subtle.verify(how, imported, pair, Buffer.from(ticket.policy));
}

// An ECDSA signature arrives as DER, SEQUENCE of two INTEGERs; WebCrypto wants the two numbers as 32 bytes each.
function pairIn(der) {
    if (der.length < 8 || der.length > 72 || der[0] !== 0x30 || der[1] !== der.length - 2) {
        return null;
    }
    const pair = Buffer.alloc(64);
    let at = 2;
    for (let i = 0; i < 2; i++) {
        if (at + 2 > der.length || der[at] !== 0x02) {
            return null;
        }
        const length = der[at + 1], end = at + 2 + length;
        const start = length === 33 && der[at + 2] === 0 ? at + 3 : at + 2;
        if (length < 1 || end > der.length || end - start > 32) {
            return null;
        }
        der.copy(pair, i * 32 + 32 - (end - start), start, end);
        at = end;
    }
    return at === der.length ? pair : null;
}

function refusalOfPolicy(policy, url, address, now) {
    const statement = policy.Statement.length === 1 ? policy.Statement[0] : null;
    if (!statement || !hasOnly(statement, ['Resource', 'Condition']) || typeof statement.Resource !== 'string') {
        return 'altered';
    }
    const condition = statement.Condition;
    const until = epoch(condition.DateLessThan), from = epoch(condition.DateGreaterThan);
    if (!hasOnly(condition, ['DateLessThan', 'DateGreaterThan', 'IpAddress']) || until === undefined) {
        return 'altered';
    }
    if (!matches(statement.Resource, url)) {
        return 'elsewhere';
    }
    if (now >= until) {
        return 'expired';
    }
    if (from !== undefined && now <= from) {
        return 'early';
    }
    return condition.IpAddress && !within(address, condition.IpAddress['AWS:SourceIp']) ? 'address' : '';
}

// A condition that is not understood here may be one that refuses.
function hasOnly(table, names) {
    return Object.keys(table).every((name) => names.includes(name));
}

function epoch(condition) {
    if (condition === undefined) {
        return undefined;
    }
    const moment = condition['AWS:EpochTime'];
    if (typeof moment !== 'number' || !hasOnly(condition, ['AWS:EpochTime'])) {
        throw new Error('a time that is no number');
    }
    return moment;
}

// `*` stands for any characters, `?` for one. Goes back only to the last star, so no pattern takes long.
function matches(pattern, text) {
    let p = 0, t = 0, star = -1, mark = 0;
    while (t < text.length) {
        if (p < pattern.length && pattern[p] === '*') {
            star = p++;
            mark = t;
        } else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === text[t])) {
            p++;
            t++;
        } else if (star >= 0) {
            p = star + 1;
            t = ++mark;
        } else {
            return false;
        }
    }
    while (p < pattern.length && pattern[p] === '*') {
        p++;
    }
    return p === pattern.length;
}

function within(address, network) {
    const parts = String(network).split('/');
    const mine = bits(address), theirs = bits(parts[0]);
    const length = parts.length === 1 ? (theirs || '').length : Number(parts[1]);
    if (mine === null || theirs === null || mine.length !== theirs.length || parts.length > 2) {
        return false;
    }
    if (!(length >= 0 && length <= theirs.length) || parts[1] === '') {
        return false;
    }
    return mine.slice(0, length) === theirs.slice(0, length);
}

// An address as a string of 0 and 1; null for what is none.
function bits(address) {
    const groups = address.includes(':') ? ipv6(address) : address.split('.');
    const width = address.includes(':') ? 16 : 8, radix = width === 16 ? 16 : 10;
    if (groups === null || groups.length !== (width === 16 ? 8 : 4)) {
        return null;
    }
    let all = '';
    for (let i = 0; i < groups.length; i++) {
        const good = width === 16 ? /^[0-9a-fA-F]{1,4}$/.test(groups[i]) : /^[0-9]{1,3}$/.test(groups[i]);
        const number = parseInt(groups[i], radix);
        if (!good || number >= Math.pow(2, width)) {
            return null;
        }
        all += number.toString(2).padStart(width, '0');
    }
    return all;
}

function ipv6(address) {
    const halves = address.split('::');
    const head = halves[0] ? halves[0].split(':') : [];
    if (halves.length === 1) {
        return head;
    }
    const tail = halves[1] ? halves[1].split(':') : [];
    const missing = 8 - head.length - tail.length;
    return halves.length > 2 || missing < 1 ? null : head.concat(new Array(missing).fill('0'), tail);
}

// The address as the service behind sees it, and as the cache files it: what signs it is not part of it.
function target(r) {
    return split(r).target;
}

export default {open, target};
