// What the edge says when it answers by itself: the API's error body to programs, a page to people.

const REFUSED = {
    missing: ['link_missing', 'This needs a link made for you', 'Open it from the page where you found it, signed in.'],
    expired: ['link_expired', 'This link is over', 'Links to files last a short while. Open the page again for a new one.'],
    altered: ['link_altered', 'This link does not open anything', 'Part of it is missing or changed. Open the page again.'],
    elsewhere: ['link_elsewhere', 'This link opens something else', 'Open this from the page where you found it.'],
    early: ['link_early', 'It is too early', 'This opens later. Come back at the time it was announced for.'],
    address: ['link_address', 'This link is for another network', 'Open the page again from where you are now.'],
};
const SAID = {
    400: ['invalid_input', 'That request makes no sense', 'Check the address and try again.'],
    403: ['forbidden', 'You may not see this', 'Open it from the page where you found it.'],
    404: ['not_found', 'There is nothing here', 'The address may be mistyped, or what was here is gone.'],
    405: ['method_not_allowed', 'That cannot be done here', 'This address only takes other methods.'],
    408: ['timed_out', 'That took too long', 'Your connection was too slow. Try again.'],
    413: ['too_large', 'That is too large', 'Send something smaller.'],
    414: ['too_large', 'That address is too long', 'Use a shorter one.'],
    416: ['invalid_range', 'That part does not exist', 'Ask for a range within the file.'],
    429: ['rate_limited', 'That was a bit fast', 'Many requests came from your network. Wait a moment, then go on.'],
    431: ['too_large', 'Your browser sent too much', 'Delete the cookies of this site and try again.'],
    500: ['internal_error', 'Something broke on our side', 'It is logged. Try again in a moment.'],
    501: ['invalid_input', 'That request makes no sense', 'Your program speaks HTTP in a way that is not taken here.'],
    503: ['unavailable', 'We are back in a moment', 'Part of the site does not answer. Try again in a few seconds.'],
    504: ['timed_out', 'That took too long', 'Part of the site is slow to answer. Try again in a few seconds.'],
    505: ['invalid_input', 'That request makes no sense', 'Use HTTP/1.1.'],
};
const METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS';
const RETRY_AFTER_SECONDS = {429: 1, 503: 5, 504: 5};

function answer(r) {
    const status = Number(r.variables.status) || 500;
    const said = (status === 403 && REFUSED[r.variables.edge_refusal]) || SAID[status] || SAID[500];
    const headers = r.headersOut;
    headers['Cache-Control'] = 'no-store';
    headers['X-Content-Type-Options'] = 'nosniff';
    headers['Referrer-Policy'] = 'no-referrer';
    if (RETRY_AFTER_SECONDS[status]) {
        headers['Retry-After'] = String(RETRY_AFTER_SECONDS[status]);
    }
    if (status === 405) {
        headers['Allow'] = r.variables.edge_methods || METHODS;
    }
    if (wantsPage(r)) {
        headers['Content-Type'] = 'text/html; charset=utf-8';
        headers['Content-Security-Policy'] = known.page.policy;
        r.return(status, page(r, status, said));
    } else {
        headers['Content-Type'] = 'application/json';
        headers['Content-Security-Policy'] = "default-src 'none'; frame-ancestors 'none'";
        r.return(status, body(r, said));
    }
}

function wantsPage(r) {
    const isApi = (r.variables.request_uri || '').startsWith('/api/');
    return !isApi && (r.headersIn['Accept'] || '').includes('text/html');
}

function body(r, said) {
    const requestId = r.variables.request_id, timestamp = new Date().toISOString();
    const error = {code: said[0], message: `${said[1]}. ${said[2]}`, details: [], requestId, timestamp};
    return JSON.stringify({error});
}

function page(r, status, said) {
    const words = {TITLE: said[1], ADVICE: said[2], STATUS: String(status), REQUEST_ID: r.variables.request_id};
    return known.page.html.replace(/\{\{([A-Z_]+)\}\}/g, (all, name) => words[name] || '');
}

export default {answer};
