-- Walks through ready-made requests, separated by NUL in the file given as argument, and prints one line of JSON.
local requests, n = {}, 0

function init(args)
    local file = assert(io.open(args[1], "rb"))
    for request in (file:read("*a") .. "\0"):gmatch("(.-)%z") do
        requests[#requests + 1] = request
    end
    file:close()
end

function request()
    n = n % #requests + 1
    return requests[n]
end

function done(summary, latency)
    local e = summary.errors
    print(string.format('JSON{"requests":%d,"seconds":%.6f,"failed":%d,"p50_ms":%.3f,"p95_ms":%.3f,"p99_ms":%.3f}',
        summary.requests, summary.duration / 1e6, e.connect + e.read + e.write + e.status + e.timeout,
        latency:percentile(50) / 1e3, latency:percentile(95) / 1e3, latency:percentile(99) / 1e3))
end
