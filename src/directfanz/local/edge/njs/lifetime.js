// How long the edge may keep an answer. nginx takes what the origin says without a bound, so answers that may be kept come
// through a second hop, where this puts what our policy makes of the origin's words in place of them. The client gets the
// origin's own words back.

const KEPT = [200, 203, 301, 308, 404, 410];
const KEPT_UNASKED = [200, 203, 301, 308];

function bound(r) {
    const headers = r.headersOut;
    // The origin's Date: nginx writes its own into what it passes on.
    const made = Date.parse(r.variables.upstream_http_date) || Date.now();
    const kept = lifetime(r.status, headers, known.policies[r.headersIn['X-Edge-Policy']], made);
    headers['X-Edge-Hop'] = '1';
    headers['X-Edge-Cache-Control'] = String(headers['Cache-Control'] || '');
    headers['X-Edge-Expires'] = headers['Expires'] || '';
    delete headers['Expires'];
    delete headers['X-Accel-Expires'];
    headers['Cache-Control'] = kept.fresh > 0
        ? `max-age=${kept.fresh}, stale-while-revalidate=${kept.stale}, stale-if-error=${kept.stale}`
        : 'no-store';
}

function lifetime(status, headers, policy, made) {
    const says = directives(String(headers['Cache-Control'] || ''));
    const private_ = 'no-store' in says || 'no-cache' in says || 'private' in says;
    if (!policy || private_ || !KEPT.includes(status) || headers['Set-Cookie'] || /\*/.test(headers['Vary'] || '')) {
        return {fresh: 0};
    }
    const asked = spoken(says, headers, made);
    if (asked === undefined && !KEPT_UNASKED.includes(status)) {
        return {fresh: 0};
    }
    const age = Math.max(0, parseInt(headers['Age'], 10) || 0);
    const fresh = Math.min(asked === undefined ? policy.ttl : asked, policy.max) - age;
    const strict = 'must-revalidate' in says || 'proxy-revalidate' in says;
    const allowed = 'stale-while-revalidate' in says ? seconds(says['stale-while-revalidate']) : policy.stale;
    return {fresh, stale: strict ? 0 : Math.min(allowed, policy.max)};
}

// Seconds that the origin asks for; undefined when it asks for nothing.
function spoken(says, headers, made) {
    if ('s-maxage' in says) {
        return seconds(says['s-maxage']);
    }
    if ('max-age' in says) {
        return seconds(says['max-age']);
    }
    if (headers['Expires'] === undefined) {
        return undefined;
    }
    const expires = Date.parse(headers['Expires']);
    return isNaN(expires) ? 0 : Math.max(0, Math.floor((expires - made) / 1000));
}

// What is no number of seconds means none: an answer whose words are not understood is not kept.
function seconds(text) {
    return /^[0-9]{1,10}$/.test(text) ? Number(text) : 0;
}

function directives(text) {
    const found = {};
    text.toLowerCase().split(',').forEach((part) => {
        const at = part.indexOf('=');
        const name = (at < 0 ? part : part.slice(0, at)).trim();
        if (name && !(name in found)) {
            found[name] = at < 0 ? '' : part.slice(at + 1).trim().replace(/^"(.*)"$/, '$1');
        }
    });
    return found;
}

export default {bound};
