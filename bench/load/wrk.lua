-- wrk -s wrk.lua URL -- UPLOADBYTES DELAYMS: what wrk sends, and its result as one line of JSON.

function init(args)
  local upload, pause = tonumber(args[1]), tonumber(args[2])
  if upload > 0 then
    wrk.method = "POST"
    wrk.headers["Content-Type"] = "application/octet-stream"
    wrk.body = string.rep("tandem.\n", upload / 8)
  end
  if pause > 0 then
    -- Whole milliseconds whose mean is `pause`: spread over half of it to one and a half, so that connections do not
    -- march in step, and rounded at random, up or down.
    function delay()
      return math.floor(pause * (0.5 + math.random()) + math.random())
    end
  end
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\n{"requests":%d,"bytes":%.0f,"seconds":%.6f,"p50":%.0f,"p90":%.0f,"p99":%.0f,"p999":%.0f,'
      .. '"connect":%d,"read":%d,"write":%d,"status":%d,"timeout":%d}\n',
    summary.requests, summary.bytes, summary.duration / 1e6,
    latency:percentile(50), latency:percentile(90), latency:percentile(99), latency:percentile(99.9),
    errors.connect, errors.read, errors.write, errors.status, errors.timeout))
end
