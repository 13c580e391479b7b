-- wrk -s load.lua URL, addresses in L4_ADDRESSES: threads take them by turns; the result as one line of JSON.

local addresses = {}
local threads = 0

function setup(thread)
  if #addresses == 0 then
    for host in string.gmatch(os.getenv("L4_ADDRESSES"), "[^,]+") do
      addresses[#addresses + 1] = wrk.lookup(host, "80")[1]
    end
  end
  thread.addr = addresses[threads % #addresses + 1]
  threads = threads + 1
end

function done(summary)
  local errors = summary.errors
  io.write(string.format(
    '\n{"requests":%d,"bytes":%.0f,"seconds":%.6f,"connect":%d,"read":%d,"write":%d,"status":%d,"timeout":%d}\n',
    summary.requests, summary.bytes, summary.duration / 1e6,
    errors.connect, errors.read, errors.write, errors.status, errors.timeout))
end
